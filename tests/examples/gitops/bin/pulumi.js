// The command `pulumi` in front of the stand-in engine, with the subcommands that the pipelines use. It keeps the state of a stack
// in a file of the folder PULUMI_BACKEND_URL.
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const { join } = require("node:path");
const { fileURLToPath } = require("node:url");
const { parseArgs } = require("node:util");

const text = { type: "string" };
const flag = { type: "boolean" };
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ stack: text, color: text, diff: flag, refresh: flag, yes: flag, json: flag },
    ...{ "non-interactive": flag, "show-secrets": flag, open: flag },
  },
});

async function run(command, stack = values.stack) {
  const stateFile = join(fileURLToPath(process.env.PULUMI_BACKEND_URL), `${stack}.json`);
  if (command === "stack init")
    return writeFileSync(stateFile, JSON.stringify({ version: 3, deployment: {} }));
  if (!existsSync(stateFile)) throw new Error(`no stack named '${stack}' found`);
  if (command === "stack export") return void process.stdout.write(readFileSync(stateFile));
  if (command === "config" && values.json) return console.log("{}"); // All settings are in the environment.
  if (command !== "preview" && !(command === "up" && values.yes))
    throw new Error(`pulumi ${command}: not implemented`);
  return operate(command, stateFile);
}

async function operate(command, stateFile) {
  require("../../../register"); // Takes a second, which the other commands save.
  const { openStandIn } = require("../../../engine/standIn");
  const { EngineError, passphrase } = require("../../../engine/types");
  if (process.env.PULUMI_CONFIG_PASSPHRASE !== passphrase) throw new Error("incorrect passphrase");
  const engine = await openStandIn({ projectDir: process.cwd(), log: console.log });
  try {
    await engine.import(JSON.parse(readFileSync(stateFile, "utf8")));
    if (values.refresh) await engine.refresh();
    const { steps } = await engine[command]();
    // As the CLI does, this prints a text with its line breaks.
    for (const { name, diff = {} } of values.diff ? steps : [])
      for (const [property, [before, after]] of Object.entries(diff))
        console.log(`${name} ~ ${property}: "${before}" => "${after}"`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    process.exitCode = 1; // The log contains the reasons.
  } finally {
    if (command === "up") writeFileSync(stateFile, JSON.stringify(await engine.export()));
    await engine.close();
  }
}

const [first, ...more] = positionals;
const command = first === "stack" ? `stack ${more.shift()}` : first;
run(command, ...more).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
