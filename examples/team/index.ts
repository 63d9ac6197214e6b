import * as keycard from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const services = (new pulumi.Config().get("services") ?? "api,worker,cron").split(",");

// One name for the team's set of accounts, which tells them from another stack's at Keycard.
const team = new random.RandomPet("team", { length: 2 });

const keys = services.map((service) => {
  const account = new keycard.ServiceAccount(service, { name: pulumi.interpolate`${team.id}-${service}` });
  return new keycard.ServiceAccountCredential(service, { serviceAccountId: account.id });
});

/** By service, what it signs in with; the client secrets are Pulumi secrets. */
export const credentials = Object.fromEntries(
  keys.map(({ clientId, clientSecret }, index) => [services[index], { clientId, clientSecret }]),
);
