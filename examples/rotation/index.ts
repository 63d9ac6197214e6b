import * as keycard from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";
import { SecretFile } from "./secretFile";

const config = new pulumi.Config();

const backup = new keycard.ServiceAccount("backup", { description: "Writes the nightly backup" });

// The first `pulumi up` after 30 days rotates it, so run one each night. The previous credential stays valid for another week.
const key = new keycard.RotatingCredential("backup-key", {
  serviceAccountId: backup.id,
  rotateAfter: "30d",
  keepPreviousFor: "7d",
  // After a breach: `pulumi config set rotation <reason> && pulumi up` rotates at once. The old credential still remains valid for `keepPreviousFor`: set that to "0s" to revoke it at once, too.
  rotateWhenChanged: { reason: config.get("rotation") ?? "none" },
});

// Whatever uses the credential gets each new secret in the same `up`: here a file, for you probably a secret manager.
new SecretFile("backup-env", {
  path: config.get("file") ?? "backup.env",
  content: pulumi.interpolate`KEYCARD_CLIENT_ID=${key.clientId}\nKEYCARD_CLIENT_SECRET=${key.clientSecret}\n`,
});

export const { rotatedAt, nextRotationAt, previousRetiresAt, clientId } = key;
export const clientSecret = key.clientSecret; // a Pulumi secret
