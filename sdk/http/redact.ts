const MAX_LENGTH = 500;
const UNPRINTABLE = /[\p{Cc}\p{Cf}]+/gu;
/** Secrets that the client does not know, because the server has just created them, by their names. */
const NAMED = /("?(?:client_secret|access_token)"?\s*[:=]\s*)(?:"[^"]*"|[^\s,;&}]+)/;
/** Characters. Shorter texts are no secrets, and occur in any text. */
const MIN_LENGTH = 2;

/**
 * Returns a function that prepares a server's text for an error message: it removes the given secrets, in clear or in the usual
 * encodings, and control characters, and shortens the text.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret = "") => (secret.length < MIN_LENGTH ? [] : [secret, ...encoded(secret)]))
    .sort((a, b) => b.length - a.length) // A secret may be a part of another.
    .map((form) => form.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  // A single pass, so that no replacement is replaced again.
  const pattern = new RegExp([NAMED.source, ...forms].join("|"), "gi");
  return (text) => {
    const clean = text
      .replace(pattern, (_match, name?: string) => `${name ?? ""}[secret]`)
      .replace(UNPRINTABLE, " ")
      .trim();
    return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean;
  };
}

function encoded(secret: string): string[] {
  const form = new URLSearchParams({ secret }).toString().slice("secret=".length);
  const percent = [
    form,
    form.replaceAll("+", "%20"),
    encodeURIComponent(secret.replace(/[\ud800-\udfff]/gu, "\ufffd")),
  ];
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [...percent, JSON.stringify(secret).slice(1, -1), base64];
}
