import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { passphrase } from "../types";

const iterations = 1_000_000;
const tagLength = 16;

/** Keys by salt: a million iterations take a fifth of a second. */
const keys = new Map<string, Buffer>();

/** All new stacks of a run share a salt and its key, which reach other processes by this variable. */
const SHARED = "STAND_IN_KEY";

/** Encrypts as Pulumi's passphrase provider does, so that either engine can read the other's state. */
export class Secrets {
  private constructor(
    /** Kept in the state to derive the key from the passphrase again, and to check it. */
    readonly salt: string,
    private readonly key: Buffer,
  ) {}

  /** Returns secrets for a new stack. */
  static create(): Secrets {
    const { salt, key } = shareKey();
    return new Secrets(`v1:${salt}:${encrypt(key, "pulumi")}`, key);
  }

  /** Opens the secrets of a state with this salt. @throws Error if they have another passphrase */
  static open(salt: string): Secrets {
    const [, encoded = "", ...check] = salt.split(":");
    const secrets = new Secrets(salt, keyFor(encoded));
    secrets.decrypt(check.join(":"));
    return secrets;
  }

  encrypt(plaintext: string): string {
    return encrypt(this.key, plaintext);
  }

  decrypt(ciphertext: string): string {
    const [, nonce = "", content = ""] = ciphertext.split(":");
    const bytes = Buffer.from(content, "base64");
    const decipher = createDecipheriv("aes-256-gcm", this.key, Buffer.from(nonce, "base64"));
    decipher.setAuthTag(bytes.subarray(-tagLength));
    return Buffer.concat([decipher.update(bytes.subarray(0, -tagLength)), decipher.final()]).toString();
  }
}

function encrypt(key: Buffer, plaintext: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  const content = Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
  return `v1:${nonce.toString("base64")}:${content.toString("base64")}`;
}

/** Returns the salt and the key of this run. The first call derives the key, and passes it on to processes that start later. */
export function shareKey(): { salt: string; key: Buffer } {
  const [salt = randomBytes(8).toString("base64"), shared] = process.env[SHARED]?.split(" ") ?? [];
  if (shared !== undefined) keys.set(salt, Buffer.from(shared, "base64"));
  const key = keyFor(salt);
  process.env[SHARED] = `${salt} ${key.toString("base64")}`;
  return { salt, key };
}

/** @param salt in Base64 */
function keyFor(salt: string): Buffer {
  const key = keys.get(salt) ?? pbkdf2Sync(passphrase, Buffer.from(salt, "base64"), iterations, 32, "sha256");
  keys.set(salt, key);
  return key;
}
