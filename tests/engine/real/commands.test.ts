/** The commands of Pulumi's CLI in the README, the docs and the reports of `drift`, typed word for word. */
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type { ServiceAccounts } from "pulumi-keycard/sdk";
import { addFault } from "../../support/client";
import { tamper } from "../../support/tamper";
import { keycardOf, signsIn } from "../keycard";
import type { ShellProject } from "./shell";
import { configureStack, openShellProject } from "./shell";

const DRIFT_CHECK = "pulumi refresh --preview-only --expect-no-changes --non-interactive";

let emulator: Emulator;
let keycard: ServiceAccounts;
let project: ShellProject;
let server: Awaited<ReturnType<typeof tamper>> | undefined;
beforeEach(async () => {
  emulator = await startEmulator();
  keycard = keycardOf(emulator);
  project = await openShellProject();
  await configureStack(project.run, emulator, emulator.organizationId);
}, 120_000);
afterEach(async () => {
  server?.close();
  await emulator.close();
  await project.remove();
});

async function declare(only: object = {}): Promise<void> {
  await project.declare({
    resources: {
      deployer: { type: "ServiceAccount", args: { description: "Deploys from CI" } },
      key: { type: "ServiceAccountCredential", args: { serviceAccountId: "${deployer.id}" } },
      ...only,
    },
    exports: {
      account: "${deployer.id}",
      key: "${key.id}",
      clientId: "${key.clientId}",
      clientSecret: "${key.clientSecret}",
    },
  });
}

async function outputs(): Promise<Record<"account" | "key" | "clientId" | "clientSecret", string>> {
  return JSON.parse(await project.run("pulumi stack output --json --show-secrets"));
}

const exclusive = {
  only: {
    type: "ExclusiveCredentials",
    args: { serviceAccountId: "${deployer.id}", credentialIds: ["${key.id}"] },
  },
};

test("pulumi refresh --expect-no-changes exits with 0 without drift, and with 7 on each kind of drift", async () => {
  await declare(exclusive);
  await project.run("pulumi up --yes");
  const created = await outputs();
  await signsIn(emulator.endpoint, created); // Moves lastUsedAt, which is no drift.
  expect((await project.sh(DRIFT_CHECK)).code).toBe(0);

  const of = { organization_id: emulator.organizationId };
  await keycard.update(created.account, { ...of, name: "renamed" });
  expect((await project.sh(DRIFT_CHECK)).code).toBe(7);
  await project.run("pulumi up --yes --refresh");
  expect((await project.sh(DRIFT_CHECK)).code).toBe(0);

  await keycard.credentials.create(created.account, { ...of, name: "unlisted" });
  expect((await project.sh(DRIFT_CHECK)).code).toBe(7);
}, 360_000);

describe("pulumi up --continue-on-error does all but what depends on the failure", () => {
  const UP = "pulumi up --yes --continue-on-error";
  const names = ["a", "b", "c", "d"];

  /** Declares accounts, each with a protected credential and with ExclusiveCredentials. */
  const declareAll = (description: string) =>
    project.declare({
      resources: Object.fromEntries(
        names.flatMap((name) => [
          [name, { type: "ServiceAccount", args: { description } }],
          [
            `${name}-key`,
            {
              type: "ServiceAccountCredential",
              args: { serviceAccountId: `\${${name}.id}` },
              options: { protect: true },
            },
          ],
          [
            `${name}-only`,
            {
              type: "ExclusiveCredentials",
              args: { serviceAccountId: `\${${name}.id}`, credentialIds: [`\${${name}-key.id}`] },
            },
          ],
        ]),
      ),
      exports: {},
    });

  test.each([
    ["createServiceAccount", "+ 10 created"],
    ["createCredential", "+ 11 created"],
  ] as const)("%s fails", async (operation, created) => {
    await declareAll("before");
    await addFault(emulator, { operation, times: 1, status: 403 });
    const { code, stdout } = await project.sh(UP);
    expect(code).not.toBe(0);
    expect(stdout).toContain(created);
    expect(stdout).not.toMatch(/has a problem|is missing/);
    expect(await project.run("pulumi up --yes")).toContain("unchanged");
    expect(await project.run("pulumi preview --expect-no-changes")).toContain("13 unchanged");
  });

  test("updateServiceAccount fails, beside protected credentials", async () => {
    await declareAll("before");
    await project.run("pulumi up --yes");
    await declareAll("after");
    await addFault(emulator, { operation: "updateServiceAccount", times: 1, status: 403 });
    const { code, stdout } = await project.sh(UP);
    expect(code).not.toBe(0);
    expect(stdout).toMatch(/~ 3 updated/);
    expect(stdout).not.toMatch(/has a problem|is missing|protected|replace/);
    expect(await project.run("pulumi up --yes")).toMatch(/~ 1 updated/);
  });
});

test("a preview of adopt shows what it takes over, and its plan constrains the up", async () => {
  const { id } = await keycard.create(emulator.organizationId, { name: "by hand", description: "old" });
  await project.declare({
    resources: { deployer: { type: "ServiceAccount", args: { adopt: id } } },
    exports: {},
  });
  const preview = await project.run("pulumi preview --save-plan plan.json --diff 2>&1");
  expect(preview).toContain(`\`pulumi up\` adopts the service account "by hand" (${id})`);
  expect(preview).not.toContain("__preview");
  expect(await project.run("pulumi up --yes --skip-preview --plan plan.json")).toContain("+ 2 created");
  expect(await project.run("pulumi preview --save-plan plan.json --expect-no-changes")).not.toContain(
    "adopts",
  );
  await project.run("pulumi up --yes --skip-preview --plan plan.json");
  expect(await project.run("pulumi stack export")).not.toContain("__preview");
}, 240_000);

test("after an organization's label was renamed, up --run-program changes the name in the state, and deletes nothing", async () => {
  const { organizationLabel, organizationId, endpoint } = emulator;
  let isRenamed = false;
  server = await tamper({ endpoint }, (call, act) =>
    isRenamed && call.path.includes(`/${organizationLabel}/`)
      ? Promise.resolve({
          status: 404,
          body: { code: "not_found", message: "no such organization", status: 404 },
        })
      : act(),
  );
  await project.run(`pulumi config set keycard:endpoint ${server.endpoint}`);
  await project.run(`pulumi config set keycard:organizationId ${organizationLabel}`);
  await declare(exclusive);
  await project.run("pulumi up --yes");
  const before = await outputs();
  isRenamed = true;
  await project.run(`pulumi config set keycard:organizationId ${organizationId}`);
  for (const command of ["pulumi refresh --yes", "pulumi up --yes --refresh", "pulumi destroy --yes"]) {
    const { code, stdout } = await project.sh(command);
    expect([code === 0, stdout.includes("add --run-program")]).toEqual([false, true]);
  }
  await project.run("pulumi refresh --preview-only --run-program");
  await project.run("pulumi up --yes --refresh --run-program");
  expect(await outputs()).toEqual(before);
  expect(await project.run("pulumi refresh --yes")).toContain("4 unchanged");
}, 240_000);

test("pulumi up --replace creates a new credential with a new secret, and deletes the old one", async () => {
  await declare();
  await project.run("pulumi up --yes");
  const before = await outputs();
  const urns = await project.run("pulumi stack --show-urns");
  const urn = /urn:\S+ServiceAccountCredential::key/.exec(urns)?.[0];
  await project.run(`pulumi up --yes --replace ${urn}`);
  const after = await outputs();
  expect(after.account).toBe(before.account);
  expect(await signsIn(emulator.endpoint, after)).toBe(true);
  expect(await signsIn(emulator.endpoint, before)).toBe(false);
}, 180_000);

test("refresh and destroy use the settings of the last up, or with --run-program the current ones", async () => {
  await declare();
  await project.run("pulumi up --yes");
  await project.run("pulumi config set keycard:endpoint http://127.0.0.1:9"); // Nothing listens there.
  await project.run("pulumi config set keycard:maxRetries 0");
  await project.run("pulumi refresh --yes");
  const { code, stdout } = await project.sh("pulumi refresh --yes --run-program");
  expect(code).not.toBe(0);
  expect(stdout).toContain("add --run-program");
  await project.run("pulumi destroy --yes");
  expect((await keycard.list(emulator.organizationId)).items).toEqual([]);
}, 240_000);

test("pulumi prints no secret, except in its debug output", async () => {
  await declare();
  const { stdout } = await project.sh("pulumi up --yes --diff 2>&1");
  const { clientSecret } = await outputs();
  const shown = await project.run(
    "pulumi preview --diff 2>&1; pulumi refresh --yes --diff 2>&1; pulumi stack output; pulumi stack export",
  );
  for (const secret of [clientSecret, emulator.clientSecret]) {
    expect(stdout).not.toContain(secret);
    expect(shown).not.toContain(secret);
  }
  // README and SECURITY.md warn of this.
  const { stderr } = await project.sh("pulumi preview --logtostderr -v=9");
  expect(stderr).toContain(clientSecret);
}, 240_000);

test("the option import is rejected with the input to use instead", async () => {
  await project.declare({
    resources: { deployer: { type: "ServiceAccount", options: { import: "an-id" } } },
  });
  const { code, stdout } = await project.sh("pulumi preview");
  expect(code).not.toBe(0);
  expect(stdout).toContain("use the input adopt");
}, 120_000);

test("a secret that is configured in plain text is rejected with the command that encrypts it", async () => {
  await declare();
  await project.run(`pulumi config set --plaintext keycard:clientSecret -- ${emulator.clientSecret}`);
  const { code, stdout } = await project.sh("pulumi preview");
  expect(code).not.toBe(0);
  expect(stdout).toContain("pulumi config set --secret keycard:clientSecret");
  expect(stdout).not.toContain(emulator.clientSecret);
}, 120_000);

describe("the command drift", () => {
  test("says outside of a project where it can run, and what it reads instead", async () => {
    const { code, stdout, stderr } = await project.sh(
      'cli=$PWD/node_modules/.bin/pulumi-keycard && cd / && "$cli" drift',
    );
    expect([code === 0, stdout]).toEqual([false, ""]);
    expect(stderr).toMatch(
      /^error: There is no Pulumi project in this folder, .* pass -C FOLDER\. .* pass --state FILE\.\n$/,
    );
  });

  test("reads a stack by its name, with its configuration, or what pulumi stack export writes", async () => {
    await declare();
    await project.run("pulumi up --yes");
    const none = await project.sh("npx pulumi-keycard drift --stack test --format json");
    expect([none.code, none.stderr]).toEqual([0, ""]);

    const { account } = await outputs();
    await keycard.credentials.create(account, {
      organization_id: emulator.organizationId,
      name: "made-at-3am",
    });
    const named = await project.sh("npx pulumi-keycard drift --stack test");
    expect(named.code).toBe(7);
    expect(named.stdout).toContain("deployer/made-at-3am");

    const environment = `KEYCARD_ENDPOINT=${emulator.endpoint} KEYCARD_CLIENT_ID=${emulator.clientId} KEYCARD_CLIENT_SECRET='${emulator.clientSecret}'`;
    const piped = await project.sh(
      `pulumi stack export | env -u PULUMI_CONFIG_PASSPHRASE ${environment} npx pulumi-keycard drift --state -`,
    );
    expect(piped.code).toBe(7);
    expect(piped.stdout).toContain("deployer/made-at-3am");
  }, 240_000);

  test("its advice for a stale credential, typed word for word, leaves a fresh one", async () => {
    await declare();
    await project.run("pulumi up --yes");
    const before = await outputs();
    const inAWeek = await tamper({ endpoint: emulator.endpoint }, async (_call, act) => ({
      ...(await act()),
      headers: { date: new Date(Date.now() + 8 * 86_400_000).toUTCString() },
    }));
    await project.run(`pulumi config set keycard:endpoint ${inAWeek.endpoint}`);
    const advised = await advice("drift --stack test --stale 1w", "or replace it");
    await project.run(`${advised} --yes`);
    inAWeek.close();
    const after = await outputs();
    expect(after.key).not.toBe(before.key);
    expect(await signsIn(emulator.endpoint, after)).toBe(true);
  }, 240_000);

  test("its advice for a credential that was deleted at Keycard, typed word for word, creates it again", async () => {
    await declare();
    await project.run("pulumi up --yes");
    const before = await outputs();
    const of = { organization_id: emulator.organizationId, service_account_id: before.account };
    await keycard.credentials.delete(before.key, of);
    const advised = await advice("drift --stack test", "create it again");
    await project.run(`${advised} --yes`);
    expect(await signsIn(emulator.endpoint, await outputs())).toBe(true);
    expect((await project.sh("npx pulumi-keycard drift --stack test")).code).toBe(0);
  }, 240_000);

  test("its advice for an account that is only read, put in place of the get, adopts the account", async () => {
    const { organizationId } = emulator;
    const { id } = await keycard.create(organizationId, { name: "ci", description: "Runs CI" });
    await project.declare({ resources: { ci: { type: "ServiceAccount", id } } });
    await project.run("pulumi up --yes");
    const advised = await advice("drift --stack test", "in place of the `get`");
    const args = /new keycard\.ServiceAccount\("ci", (\{.*\})\);/.exec(advised)?.[1];
    await project.declare({
      // The line that the report prints is JavaScript.
      resources: {
        ci: {
          type: "ServiceAccount",
          args: new Function(`return ${args}`)() as object as Record<string, unknown>,
        },
      },
    });
    await project.run("pulumi up --yes");
    expect((await keycard.list(organizationId)).items).toMatchObject([{ id, name: "ci" }]);
    expect((await project.sh("npx pulumi-keycard drift --stack test")).code).toBe(0);
  }, 240_000);

  /** The command or the line of a program that a report advises. */
  async function advice(command: string, what: string): Promise<string> {
    const { stdout } = await project.sh(`npx pulumi-keycard ${command} --format json`);
    const { findings } = JSON.parse(stdout) as {
      findings: { remedies: { what: string; code?: string }[] }[];
    };
    const found = findings.flatMap(({ remedies }) => remedies).find((remedy) => remedy.what.includes(what));
    if (found?.code === undefined) throw new Error(`No advice "${what}" in ${stdout}`);
    return found.code;
  }
});
