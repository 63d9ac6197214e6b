const MAX_LENGTH = 500;
const UNPRINTABLE = /[\p{Cc}\p{Cf}]+/gu;
/** Secrets that the client does not know, because the server has just created them, by their names. */
const NAMED = /("?(?:client_secret|access_token)"?\s*[:=]\s*)("[^"]*"|[^\s,;&}]+)/gi;

/**
 * Returns a function that prepares a server's text for an error message: it removes the given secrets, in clear or in the usual
 * encodings, and control characters, and shortens the text.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => (secret ? [secret, ...encoded(secret)] : []))
    .sort((a, b) => b.length - a.length); // A secret may be a part of another.
  return (text) => {
    let clean = text;
    for (const form of forms) clean = clean.replaceAll(form, "[secret]");
    clean = clean.replace(NAMED, "$1[secret]").replace(UNPRINTABLE, " ").trim();
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
  const lowerCase = percent.map((text) => text.replace(/%../g, (code) => code.toLowerCase()));
  const base64 = Buffer.from(secret).toString("base64").replace(/=+$/, "");
  return [...percent, ...lowerCase, JSON.stringify(secret).slice(1, -1), base64];
}
