const LONGEST = 500;
const UNPRINTABLE = /[\p{Cc}\p{Cf}]+/gu;

/**
 * Makes a function that makes foreign text fit for an error message: without the given secrets, in clear or
 * percent-encoded, without control characters, and not too long.
 */
export function redactor(secrets: readonly (string | undefined)[]): (text: string) => string {
  const forms = secrets
    .flatMap((secret) => (secret ? [secret, ...percentEncoded(secret)] : []))
    .sort((a, b) => b.length - a.length); // A secret may be a part of another.
  return (text) => {
    let clean = text;
    for (const form of forms) clean = clean.replaceAll(form, "[secret]");
    clean = clean.replace(UNPRINTABLE, " ").trim();
    return clean.length > LONGEST ? `${clean.slice(0, LONGEST)}…` : clean;
  };
}

function percentEncoded(secret: string): string[] {
  const form = new URLSearchParams({ secret }).toString().slice("secret=".length);
  return [form, form.replaceAll("+", "%20")];
}
