// A `pulumi` in front of the stand-in engine, for the tests of the pipelines where there is no other: what they use of it, and
// nothing else. It keeps a stack's state in a file of the folder that PULUMI_BACKEND_URL names.
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
  if (command === "config" && values.json) return console.log("{}"); // The environment has all of it.
  if (command !== "preview" && !(command === "up" && values.yes))
    throw new Error(`pulumi ${command}: the tests do not know it`);
  // It takes its time to load, which most commands here do without.
  require("../../../register");
  return require("./engine.ts").run(command, stateFile, values);
}

const [first, ...more] = positionals;
const command = first === "stack" ? `stack ${more.shift()}` : first;
run(command, ...more).catch((error) => {
  console.error(`error: ${error.message}`);
  process.exitCode = 1;
});
