import { createHash, randomBytes } from "node:crypto";

// 32 characters, so that five bits of a random byte choose one without a bias.
const alphabet = "abcdefghijklmnopqrstuvwxyz234567";

/** A new random identifier, as Keycard makes them: 26 characters that are safe in URLs and in DNS names. */
export function newId(): string {
  return Array.from(randomBytes(26), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

/** A new secret or token: 256 random bits, URL-safe, so that no client can encode it wrongly. */
export function newSecret(): string {
  return randomBytes(32).toString("base64url");
}

/**
 * What is kept of a secret or token. One round of SHA-256 is right here, and a slow hash is not: slowness protects secrets
 * that can be guessed, and nobody guesses 256 random bits.
 */
export function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
