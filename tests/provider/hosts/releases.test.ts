/**
 * The states of released versions keep working. Before a release, `RECORD_STATE=1 npm test` writes the state of the present
 * version to fixtures/, with a `<placeholder>` for each value that differs from run to run.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { version } from "../../../package.json";
import type { Deployment } from "../../engine";
import { Secrets } from "../../engine/standIn/secrets";
import { mapSecrets, secret } from "../../engine/values";
import { account, key, steps, useStack } from "../../support/stack";

const fixtures = path.join(__dirname, "../fixtures");
const program = (name: string) => ({
  deployer: account({ name, description: "Deploys from CI" }),
  key: key({ name, description: "GitHub Actions" }),
});

const stack = useStack("test");

/** Returns the value of each placeholder in this stack, for the outputs of its credential. */
function valuesOf(outputs: Record<string, string>): [placeholder: string, value: string][] {
  const { endpoint, organizationId, clientId, clientSecret } = stack.emulator;
  return [
    ["<account>", String(outputs["serviceAccountId"])],
    ["<credential>", String(outputs["id"])],
    ["<client ID>", String(outputs["clientId"])],
    ["<client secret>", String(outputs["clientSecret"])],
    ["<endpoint>", endpoint],
    ["<organization>", organizationId],
    ["<own client ID>", clientId],
    ["<own client secret>", clientSecret],
  ];
}

function mapCiphertexts(state: Deployment, map: (secrets: Secrets, text: string) => string): Deployment {
  const secrets = Secrets.open(String(state.deployment.secrets_providers?.state?.["salt"]));
  return mapSecrets(state, ({ ciphertext }) => secret({ ciphertext: map(secrets, String(ciphertext)) }));
}

/** Omits the paths of the machine that recorded the state. */
function withoutPositions(name: string, value: unknown): unknown {
  return name === "sourcePosition" || name === "stackTrace" ? undefined : value;
}

async function record(): Promise<void> {
  await stack.apply(program("deployer"));
  const values = valuesOf(await stack.outputs("key"));
  const state = mapCiphertexts(await stack.engine.export(), (secrets, text) => secrets.decrypt(text));
  const text = values.reduce(
    (replaced, [placeholder, value]) => replaced.replaceAll(value, placeholder),
    JSON.stringify(state, withoutPositions, 2),
  );
  writeFileSync(path.join(fixtures, `${version}.json`), `${text}\n`);
}

if (process.env["RECORD_STATE"]) test("the state of this version is recorded", record);

test.each(readdirSync(fixtures))("the state in %s is refreshed, updated and destroyed", async (fixture) => {
  const { id: serviceAccountId } = await stack.createByHand("deployer", "Deploys from CI");
  const params = { name: "deployer", description: "GitHub Actions" };
  const created = await stack.createCredentialByHand(serviceAccountId, params);
  const { id, client_id: clientId, client_secret: clientSecret } = created;
  const text = valuesOf({ serviceAccountId, id, clientId, clientSecret }).reduce(
    (replaced, [placeholder, value]) => replaced.replaceAll(placeholder, value),
    readFileSync(path.join(fixtures, fixture), "utf8"),
  );
  const state = JSON.parse(text) as Deployment;
  await stack.engine.import(mapCiphertexts(state, (secrets, plain) => secrets.encrypt(plain)));

  expect((await stack.refresh()).changes).toEqual({ same: 3 });
  expect((await stack.apply(program("deployer"))).changes).toEqual({ same: 3 });
  expect(await stack.signsIn("key")).toBe(true);
  expect(steps(await stack.apply(program("releaser")))).toEqual(["update deployer", "update key"]);
  expect(await stack.signsIn("key")).toBe(true);
  expect(await stack.credentials()).toMatchObject([{ id, name: "releaser" }]);
  await stack.engine.destroy();
  expect(await stack.accounts()).toEqual([]);
});
