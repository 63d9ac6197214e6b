/**
 * The states that released versions left behind go on working. Before a release, `RECORD_STATE=1 npm test` writes the
 * state of the version at hand to fixtures/; what differs from run to run stands there as `<placeholder>`.
 */
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { version } from "../../../package.json";
import type { Deployment } from "../../engine";
import { Secrets } from "../../engine/standIn/secrets";
import { mapSecrets, secret } from "../../engine/values";
import { Stack, account, credential, steps } from "../stack";

const fixtures = path.join(__dirname, "../fixtures");
const program = (name: string) => ({
  deployer: account({ name, description: "Deploys from CI" }),
  key: credential({ serviceAccountId: "${deployer.id}", name, description: "GitHub Actions" }),
});

let stack: Stack;
beforeEach(async () => {
  stack = await Stack.open();
});
afterEach(() => stack.close());

/** What the placeholders in a fixture stand for, in the stack at hand. */
type Values = Record<string, string>;

function valuesOf(key: Values, accountId: string): Values {
  const { endpoint, organizationId, clientId, clientSecret } = stack.emulator;
  return {
    "<account>": accountId,
    "<credential>": String(key["id"]),
    "<client ID>": String(key["clientId"]),
    "<client secret>": String(key["clientSecret"]),
    "<endpoint>": endpoint,
    "<organization>": organizationId,
    "<own client ID>": clientId,
    "<own client secret>": clientSecret,
  };
}

function replaceAll(text: string, pairs: [from: string, to: string][]): string {
  return pairs.reduce((replaced, [from, to]) => replaced.replaceAll(from, to), text);
}

function secretsOf({ deployment }: Deployment): Secrets {
  return Secrets.open(String(deployment.secrets_providers?.state?.["salt"]));
}

/** Where in which file a resource was declared says something about the machine that recorded it, and nothing more. */
function withoutPlaces(key: string, value: unknown): unknown {
  return key === "sourcePosition" || key === "stackTrace" ? undefined : value;
}

async function record(): Promise<void> {
  await stack.declare(program("deployer"));
  await stack.up();
  const key = await stack.outputs("key");
  const state = await stack.engine.export();
  const values = Object.entries(valuesOf(key, String(key["serviceAccountId"])));
  const open = mapSecrets(state, ({ ciphertext }) =>
    secret({ ciphertext: secretsOf(state).decrypt(String(ciphertext)) }),
  );
  const text = replaceAll(
    JSON.stringify(open, withoutPlaces, 2),
    values.map(([placeholder, value]) => [value, placeholder]),
  );
  writeFileSync(path.join(fixtures, `${version}.json`), `${text}\n`);
}

if (process.env["RECORD_STATE"]) test("the state of this version is recorded", record);

test.each(readdirSync(fixtures))("the state in %s is refreshed, updated and destroyed", async (fixture) => {
  const organization_id = stack.emulator.organizationId;
  const deployer = await stack.keycard.create(organization_id, {
    name: "deployer",
    description: "Deploys from CI",
  });
  const made = await stack.keycard.credentials.create(deployer.id, {
    organization_id,
    name: "deployer",
    description: "GitHub Actions",
  });
  const key = { id: made.id, clientId: made.client_id, clientSecret: made.client_secret };
  const text = replaceAll(
    readFileSync(path.join(fixtures, fixture), "utf8"),
    Object.entries(valuesOf(key, deployer.id)),
  );
  const state = JSON.parse(text) as Deployment;
  await stack.engine.import(
    mapSecrets(state, ({ ciphertext }) =>
      secret({ ciphertext: secretsOf(state).encrypt(String(ciphertext)) }),
    ),
  );

  expect((await stack.refresh()).changes).toEqual({ same: 3 });
  await stack.declare(program("deployer"));
  expect((await stack.up()).changes).toEqual({ same: 3 });
  expect(await stack.signsIn("key")).toBe(true);

  await stack.declare(program("releaser"));
  expect(steps(await stack.up())).toEqual(["update deployer", "update key"]);
  expect(await stack.signsIn("key")).toBe(true);
  expect(await stack.credentials()).toMatchObject([{ id: made.id, name: "releaser" }]);

  await stack.engine.destroy();
  expect(await stack.accounts()).toEqual([]);
});
