/** What the tests' `pulumi` does with the stand-in engine. */
import { readFileSync, writeFileSync } from "node:fs";
import { openStandIn } from "../../../engine/standIn";
import { EngineError, passphrase } from "../../../engine/types";
import type { Deployment, Engine, Outcome } from "../../../engine/types";

interface Options {
  refresh?: boolean;
  diff?: boolean;
}

/** Runs the project in the current folder on the state in that file. What goes wrong is told, and makes the exit code 1. */
export async function run(command: "up" | "preview", stateFile: string, options: Options): Promise<void> {
  if (process.env["PULUMI_CONFIG_PASSPHRASE"] !== passphrase) throw new Error("incorrect passphrase");
  const engine = await openStandIn({ projectDir: process.cwd(), log: console.log });
  try {
    await engine.import(JSON.parse(readFileSync(stateFile, "utf8")) as Deployment);
    await work(engine, command, options).finally(async () => {
      if (command === "up") writeFileSync(stateFile, JSON.stringify(await engine.export()));
    });
  } catch (error) {
    // Its log has the reasons already.
    if (!(error instanceof EngineError)) throw error;
    process.exitCode = 1;
  } finally {
    await engine.close();
  }
}

async function work(engine: Engine, command: "up" | "preview", { refresh, diff }: Options): Promise<void> {
  if (refresh) await engine.refresh();
  const outcome = await engine[command]();
  if (diff) tell(outcome);
}

function tell({ steps }: Outcome): void {
  for (const { name, diff = {} } of steps)
    for (const [property, [before, after]] of Object.entries(diff))
      // Like Pulumi itself, with the lines that a text has.
      console.log(`${name} ~ ${property}: "${before}" => "${after}"`);
}
