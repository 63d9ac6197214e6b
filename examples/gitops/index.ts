import * as keycard from "pulumi-keycard";

const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });

const key = new keycard.ServiceAccountCredential("deployer-key", {
  serviceAccountId: deployer.id,
  description: "Used by the pipelines",
});

// Any other credential of this account is drift: an update records it, and the next one revokes it.
new keycard.ExclusiveCredentials("deployer-keys", {
  serviceAccountId: deployer.id,
  credentialIds: [key.id],
});

export const serviceAccountId = deployer.id;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
