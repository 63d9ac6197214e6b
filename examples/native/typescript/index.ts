import * as keycard from "pulumi-keycard/native";

const deployer = new keycard.ServiceAccount("deployer", { description: "Deploys from CI" });
const key = new keycard.ServiceAccountCredential("key", {
  serviceAccountId: deployer.id,
  name: "GitHub Actions",
  rotateWhenChanged: { rotation: "1" }, // Another value replaces the credential.
});

export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
