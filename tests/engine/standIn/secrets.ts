import { createCipheriv, createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { passphrase } from "../types";

const iterations = 1_000_000;
const tagLength = 16;

// A million iterations take half a second: one salt serves every stack that this process makes.
const keys = new Map<string, Buffer>();
let ownSalt: Buffer | undefined;

/** Encrypts as Pulumi's passphrase provider does, so that either engine can read the other's state. */
export class Secrets {
  private constructor(
    /** What a state keeps so that the passphrase can be used and checked again. */
    readonly salt: string,
    private readonly key: Buffer,
  ) {}

  /** For a new stack. */
  static create(): Secrets {
    ownSalt ??= randomBytes(8);
    const key = keyFor(ownSalt);
    return new Secrets(`v1:${ownSalt.toString("base64")}:${encrypt(key, "pulumi")}`, key);
  }

  /** For a state with that salt. @throws Error if it was not made with our passphrase */
  static open(salt: string): Secrets {
    const [, encoded = "", ...check] = salt.split(":");
    const secrets = new Secrets(salt, keyFor(Buffer.from(encoded, "base64")));
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

function keyFor(salt: Buffer): Buffer {
  const id = salt.toString("base64");
  const known = keys.get(id);
  if (known) return known;
  const key = pbkdf2Sync(passphrase, salt, iterations, 32, "sha256");
  keys.set(id, key);
  return key;
}
