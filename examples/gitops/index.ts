import * as keycard from "pulumi-keycard";

const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });

// The nightly run rotates it every 30 days, and revokes the previous credential a week later.
const key = new keycard.RotatingCredential("deployer-key", {
  serviceAccountId: deployer.id,
  description: "Used by the pipelines",
  rotateAfter: "30d",
  keepPreviousFor: "7d",
});

// Any other credential of this account is drift: an update records it, and the next one revokes it.
new keycard.ExclusiveCredentials("deployer-keys", {
  serviceAccountId: deployer.id,
  credentialIds: key.credentialIds,
});

export const serviceAccountId = deployer.id;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
