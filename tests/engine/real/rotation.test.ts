/** Rotations under the commands of Pulumi's CLI: drift checks, refreshes, saved plans, and the option `aliases`. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { advanceClock } from "../../support/clock";
import { signsIn } from "../keycard";
import { useShellProject } from "./shell";

const DRIFT_CHECK = "pulumi refresh --preview-only --expect-no-changes --non-interactive";

const { emulator, project } = useShellProject();

const key = { type: "RotatingCredential", args: { serviceAccountId: "${deployer.id}", rotateAfter: "30d" } };

async function declare(declared: object = key): Promise<void> {
  await project.declare({
    resources: { deployer: { type: "ServiceAccount" }, key: declared as typeof key },
    exports: { clientId: "${key.clientId}", clientSecret: "${key.clientSecret}", id: "${key.id}" },
  });
}

async function outputs(): Promise<Record<"clientId" | "clientSecret" | "id", string>> {
  return JSON.parse(await project.run("pulumi stack output --json --show-secrets"));
}

async function operations(): Promise<(string | null)[]> {
  const response = await fetch(`${emulator.endpoint}/_emulator/requests`);
  return ((await response.json()) as { operation: string | null }[]).map(({ operation }) => operation);
}

test("a rotation or retirement that is due is no drift, and pulumi up --refresh carries it out once", async () => {
  await declare();
  await project.run("pulumi up --yes");
  const first = await outputs();
  await advanceClock(emulator.endpoint, "30d");
  expect((await project.sh(DRIFT_CHECK)).code).toBe(0);
  expect((await project.sh(`${DRIFT_CHECK} --run-program`)).code).toBe(0);
  expect(await project.run("pulumi up --yes --refresh")).toContain("rotates, because it is 30 days old");
  const second = await outputs();
  expect([second.id, second.clientId === first.clientId]).toEqual([first.id, false]);
  expect((await operations()).filter((one) => one === "createCredential").length).toBe(2);
  expect(await signsIn(emulator.endpoint, first)).toBe(true);

  await advanceClock(emulator.endpoint, "3d");
  expect((await project.sh(DRIFT_CHECK)).code).toBe(0);
  expect((await project.sh(`${DRIFT_CHECK} --run-program`)).code).toBe(0);
  await project.run("pulumi up --yes --refresh");
  expect([await signsIn(emulator.endpoint, first), await signsIn(emulator.endpoint, second)]).toEqual([
    false,
    true,
  ]);
  expect(await project.run("pulumi up --yes")).toContain("3 unchanged");
}, 360_000);

test("a plan that was saved before a rotation became due is refused, and contains no secret", async () => {
  await declare();
  await project.run("pulumi up --yes");
  const { clientSecret } = await outputs();
  await project.run("pulumi preview --save-plan=plan.json");
  expect(await readFile(path.join(project.folder, "plan.json"), "utf8")).not.toContain(clientSecret);
  await advanceClock(emulator.endpoint, "30d");
  const { code, stdout, stderr } = await project.sh("pulumi up --yes --plan=plan.json");
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain("update is not allowed by the plan");
  expect(await outputs()).toMatchObject({ clientSecret });
  // A plan that was made afterwards is carried out.
  await project.run("pulumi preview --save-plan=plan.json");
  await project.run("pulumi up --yes --plan=plan.json");
  expect((await outputs()).clientSecret).not.toBe(clientSecret);
}, 360_000);

test("with `aliases`, a ServiceAccountCredential becomes a RotatingCredential without a call", async () => {
  await declare({ type: "ServiceAccountCredential", args: { serviceAccountId: "${deployer.id}" } });
  await project.run("pulumi up --yes");
  const before = await outputs();
  const { length } = await operations();
  const aliases = [{ type: "pulumi-nodejs:dynamic/keycard:ServiceAccountCredential" }];
  const converted = { ...key, args: { serviceAccountId: "${deployer.id}" }, options: { aliases } };
  await declare(converted);
  expect(await project.run("pulumi up --yes")).toContain("~ 1 updated");
  expect((await operations()).slice(length)).toEqual([]);
  expect(await outputs()).toEqual(before);
  expect(await project.run("pulumi up --yes")).toContain("3 unchanged");
  expect((await project.sh(DRIFT_CHECK)).code).toBe(0);

  await declare({ ...key, options: { aliases } });
  await project.run("pulumi up --yes");
  await advanceClock(emulator.endpoint, "30d");
  await project.run("pulumi up --yes");
  const after = await outputs();
  expect([after.id, after.clientId === before.clientId]).toEqual([before.id, false]);
  expect(await signsIn(emulator.endpoint, before)).toBe(true);
  await project.run("pulumi destroy --yes");
  expect(await signsIn(emulator.endpoint, after)).toBe(false);
}, 360_000);
