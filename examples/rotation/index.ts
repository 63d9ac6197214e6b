import * as keycard from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";

const rotation = new pulumi.Config().get("rotation") ?? "2026-01";

const backup = new keycard.ServiceAccount("backup", { description: "Writes the nightly backup" });

// To rotate: `pulumi config set rotation "$(date +%Y-%m)" && pulumi up`. Pulumi creates the new
// credential, updates the resources that use it, and deletes the old one last, so that one always works.
const key = new keycard.ServiceAccountCredential("backup-key", {
  serviceAccountId: backup.id,
  description: `Rotated for ${rotation}`,
  rotateWhenChanged: { rotation },
});

export const rotatedAt = key.createdAt;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
