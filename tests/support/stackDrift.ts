/** The command `drift` on the state of a stack. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { runIn } from "./command";
import { expectValid } from "./driftSchema";
import type { Stack } from "./stack";

type Findings = ReturnType<typeof expectValid>["findings"];

/** Returns the findings about the exported stack, for which the command needs no passphrase. */
export async function findingsOf(stack: Stack): Promise<Findings> {
  const file = path.join(stack.project.folder, "state.json");
  await writeFile(file, await stack.storedState());
  const { endpoint, clientId, clientSecret } = stack.emulator;
  const env = {
    KEYCARD_ENDPOINT: endpoint,
    KEYCARD_CLIENT_ID: clientId,
    KEYCARD_CLIENT_SECRET: clientSecret,
  };
  const { stdout, stderr, code } = await runIn({ env }, "drift", "--state", file, "--format", "json");
  expect(stderr).toBe("");
  const report = expectValid(stdout);
  expect(code).toBe(report.drift ? 7 : 0);
  return report.findings;
}

export function summary(found: Findings): string[] {
  return found.map(({ kind, thing, name }) => `${kind} ${thing} ${name}`);
}
