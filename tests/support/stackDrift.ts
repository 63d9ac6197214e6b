/** The command `drift` on the state of a stack. */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { runIn, signInAt } from "./command";
import { reportIn } from "./driftSchema";
import type { Report } from "./driftSchema";
import type { Stack } from "./stack";

/** Returns the findings about the exported stack, for which the command needs no passphrase. */
export async function findingsOf(stack: Stack): Promise<Report["findings"]> {
  const file = path.join(stack.project.folder, "state.json");
  await writeFile(file, await stack.storedState());
  const env = signInAt(stack.emulator);
  return reportIn(await runIn({ env }, "drift", "--state", file, "--format", "json")).findings;
}

export function summary(found: Report["findings"]): string[] {
  return found.map(({ kind, thing, name }) => `${kind} ${thing} ${name}`);
}
