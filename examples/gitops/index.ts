import * as keycard from "pulumi-keycard";

const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });

const key = new keycard.ServiceAccountCredential("deployer-key", {
  serviceAccountId: deployer.id,
  description: "The one that the pipelines use",
});

// Whatever else somebody makes for this account, at three in the morning, is drift: the next update revokes it.
new keycard.ExclusiveCredentials("deployer-keys", {
  serviceAccountId: deployer.id,
  credentialIds: [key.id],
});

export const serviceAccountId = deployer.id;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
