import * as keycard from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";

const services = (new pulumi.Config().get("services") ?? "api,worker,cron").split(",");

// A common prefix distinguishes the accounts of this stack from those of others at Keycard.
const team = new random.RandomPet("team", { length: 2 });

const keys = services.map((service) => {
  const account = new keycard.ServiceAccount(service, { name: pulumi.interpolate`${team.id}-${service}` });
  return new keycard.ServiceAccountCredential(service, { serviceAccountId: account.id });
});

/** The credential of each service; the client secrets are Pulumi secrets. */
export const credentials = Object.fromEntries(
  keys.map(({ clientId, clientSecret }, index) => [services[index], { clientId, clientSecret }]),
);
