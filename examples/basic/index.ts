import * as keycard from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const config = new pulumi.Config();

// Names at Keycard need not be unique. A random suffix distinguishes this account from others.
const suffix = new random.RandomId("suffix", { byteLength: 4 });

const deployer = new keycard.ServiceAccount("deployer", {
  name: pulumi.interpolate`${config.get("accountName") ?? "deployer"}-${suffix.hex}`,
  description: config.get("description") ?? "Deploys from CI",
});

// `pulumi config set rotation <anything new>` replaces the credential: creates a new one, then deletes the old one.
const key = new keycard.ServiceAccountCredential("deployer-key", {
  serviceAccountId: deployer.id,
  description: "GitHub Actions",
  rotateWhenChanged: { rotation: config.get("rotation") ?? "1" },
});

export const serviceAccountId = deployer.id;
export const accountName = deployer.name;
export const clientId = key.clientId;
export const clientSecret = key.clientSecret; // a Pulumi secret
