import { createHash, randomBytes } from "node:crypto";

// 32 characters: five bits of a random byte choose one without bias.
const ALPHABET = "abcdefghijklmnopqrstuvwxyz234567";

/** Returns a random ID like Keycard's: 26 characters that are safe in URLs and in DNS names. */
export function newId(): string {
  return Array.from(randomBytes(26), (byte) => ALPHABET.charAt(byte % ALPHABET.length)).join("");
}

/**
 * Returns a random secret or token of 256 bits in URL-safe characters. It begins with a letter or a digit: a shell command
 * would take a leading `-` for an option.
 */
export function newSecret(): string {
  const secret = randomBytes(32).toString("base64url");
  return /^[A-Za-z0-9]/.test(secret) ? secret : newSecret();
}

/**
 * Returns the hash that is stored in place of a secret or token. One round of SHA-256 is enough: slow hashes protect secrets
 * that can be guessed, and 256 random bits cannot.
 */
export function hash(secret: string): string {
  return createHash("sha256").update(secret).digest("base64");
}
