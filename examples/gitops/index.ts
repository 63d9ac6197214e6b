import * as keycard from "pulumi-keycard";

const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });

const key = new keycard.ServiceAccountCredential("deployer-key", {
  serviceAccountId: deployer.id,
  description: "The one that the pipelines use",
});

export const serviceAccountId = deployer.id;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
