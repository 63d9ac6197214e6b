/**
 * A `pulumi` in front of the stand-in engine, for the tests of the pipelines where there is no other: what they use of it, and
 * nothing else. It keeps a stack's state in a file of the folder that PULUMI_BACKEND_URL names.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { EngineError, passphrase, stackName } from "../../../engine/types";
import type * as StandIn from "../../../engine/standIn";
import type { Deployment, Engine, Outcome } from "../../../engine/types";

// The engine takes its time to load, and the commands that are run most often, those that only read, do without.
const load = createRequire(__filename);

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    stack: { type: "string" },
    color: { type: "string" },
    diff: { type: "boolean" },
    refresh: { type: "boolean" },
    yes: { type: "boolean" },
    "non-interactive": { type: "boolean" },
    json: { type: "boolean" },
    "show-secrets": { type: "boolean" },
  },
});

const stateFile = join(fileURLToPath(String(process.env["PULUMI_BACKEND_URL"])), `${stackName}.json`);

async function run(): Promise<void> {
  const command = positionals.join(" ");
  if (command === `stack init ${stackName}`) return withStack(save);
  if (values.stack !== stackName || !existsSync(stateFile))
    throw new Error(`no stack named '${values.stack}' found`);
  // What is encrypted stays so.
  if (command === "stack export") return void process.stdout.write(readFileSync(stateFile, "utf8"));
  // The environment has all of it.
  if (command === "config" && values.json) return console.log("{}");
  if (process.env["PULUMI_CONFIG_PASSPHRASE"] !== passphrase) throw new Error("incorrect passphrase");
  if (command === "preview") return withStack(preview);
  if (command === "up" && values.yes) return withStack(up);
  throw new Error(`pulumi ${command}: the tests do not know it`);
}

async function withStack(work: (engine: Engine) => Promise<void>): Promise<void> {
  const { openStandIn } = load("../../../engine/standIn") as typeof StandIn;
  const engine = await openStandIn({ projectDir: process.cwd(), log: console.log });
  try {
    if (existsSync(stateFile)) await engine.import(JSON.parse(readFileSync(stateFile, "utf8")) as Deployment);
    await work(engine);
  } finally {
    await engine.close();
  }
}

async function preview(engine: Engine): Promise<void> {
  if (values.refresh) await engine.refresh();
  tell(await engine.preview());
}

async function up(engine: Engine): Promise<void> {
  try {
    if (values.refresh) await engine.refresh();
    tell(await engine.up());
  } finally {
    await save(engine);
  }
}

async function save(engine: Engine): Promise<void> {
  writeFileSync(stateFile, JSON.stringify(await engine.export()));
}

function tell({ steps }: Outcome): void {
  for (const { name, diff = {} } of values.diff ? steps : [])
    for (const [property, [before, after]] of Object.entries(diff))
      console.log(`${name} ~ ${property}: ${JSON.stringify(before)} => ${JSON.stringify(after)}`);
}

run().catch((error: unknown) => {
  if (!(error instanceof EngineError)) console.error(`error: ${(error as Error).message}`);
  process.exitCode = 1;
});
