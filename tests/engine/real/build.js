// `npm run engine`: builds the Pulumi CLI from its Go module, once for each version, and puts the plugins beside it that the tests need.
// Everything comes from package registries. By default the version is the one that go.mod pins.
const { spawn, spawnSync } = require("node:child_process");
const { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync } = require("node:fs");
const { renameSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { tmpdir } = require("node:os");
const { dirname, join, relative } = require("node:path");
const { createInterface } = require("node:readline");
const { parseArgs } = require("node:util");
const { folderOf, pinnedVersion } = require("./location");

const MODULE = "github.com/pulumi/pulumi/pkg/v3";
const COMMAND = `${MODULE}/cmd/pulumi`;
// Without it the CLI does not know its own version, and the Automation API refuses it.
const VERSION_VARIABLE = "github.com/pulumi/pulumi/sdk/v3/go/common/version.Version";
// The language host for YAML. It needs older modules of Pulumi than the CLI, so it is built with its own.
const YAML = "pulumi-language-yaml";
const YAML_COMMAND = `github.com/pulumi/pulumi-yaml/cmd/${YAML}@v1.25.0`;

/** Each executable that the tests need beside `pulumi`, with the file that it links to. */
const PLUGINS = {
  "pulumi-language-nodejs": join(__dirname, "languageHost.js"),
  "pulumi-resource-pulumi-nodejs": join(
    dirname(require.resolve("@pulumi/pulumi/package.json")),
    "pulumi-resource-pulumi-nodejs",
  ),
  "pulumi-resource-random": join(__dirname, "randomPlugin.js"),
};

async function main() {
  const { values } = parseArgs({ options: { version: { type: "string" } } });
  const version = values.version ?? pinnedVersion();
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new Error(`--version must be like 3.260.0, not "${version}"`);
  if (spawnSync("go", ["version"]).error)
    throw new Error(
      "Go is not on the PATH. Install Go 1.26 or later (https://go.dev/dl/), then run npm run engine again.",
    );
  const folder = folderOf(version);
  mkdirSync(folder, { recursive: true });
  if (existsSync(join(folder, "pulumi"))) console.log(`The Pulumi CLI ${version} is built already.`);
  else await build(version, join(folder, "pulumi"));
  if (!existsSync(join(folder, YAML))) await buildYaml(join(folder, YAML));
  for (const [name, target] of Object.entries(PLUGINS)) link(target, join(folder, name));
  console.log(
    version === pinnedVersion()
      ? "npm test and npm start now use it, unless another pulumi is on the PATH."
      : `To use it: PATH="${relative(process.cwd(), folder)}:$PATH" npm run test:engine`,
  );
}

async function build(version, file) {
  const source = mkdtempSync(join(tmpdir(), "pulumi-cli-"));
  try {
    if (version === pinnedVersion()) {
      for (const name of ["go.mod", "go.sum"]) copyFileSync(join(__dirname, name), join(source, name));
    } else {
      writeFileSync(join(source, "go.mod"), "module engine\n");
      await go(source, "Resolving the modules", "get", "-tool", `${COMMAND}@v${version}`);
    }
    await go(source, `Fetching the modules of the Pulumi CLI ${version}`, "mod", "download");
    // Built beside its place and moved there: a build that was interrupted leaves nothing that looks complete.
    const flags = `-s -w -X ${VERSION_VARIABLE}=${version}`;
    await go(
      source,
      "Compiling, which takes 4 minutes the first time",
      "build",
      "-v",
      "-ldflags",
      flags,
      "-o",
      `${file}.new`,
      COMMAND,
    );
    renameSync(`${file}.new`, file);
  } finally {
    rmSync(source, { recursive: true });
  }
}

async function buildYaml(file) {
  const folder = `${file}.new`;
  mkdirSync(folder, { recursive: true });
  await go(
    folder,
    "Compiling the language host for YAML",
    "install",
    "-v",
    "-ldflags",
    "-s -w",
    YAML_COMMAND,
  );
  renameSync(join(folder, YAML), file);
  rmSync(folder, { recursive: true });
}

/** Runs Go, and prints every 10 seconds what it is working on. Throws an error with Go's own last lines. */
async function go(cwd, title, ...args) {
  console.log(`${title} …`);
  const started = Date.now();
  const lines = [];
  // `go install` writes to GOBIN.
  const env = { ...process.env, GOBIN: cwd };
  const child = spawn("go", args, { cwd, env, stdio: ["ignore", "inherit", "pipe"] });
  createInterface({ input: child.stderr }).on("line", (line) => lines.push(line));
  const elapsed = () => `${Math.round((Date.now() - started) / 1000)} s`;
  const progress = setInterval(() => console.log(`  ${elapsed()}: ${lines.at(-1) ?? "…"}`), 10_000);
  const code = await new Promise((resolve) => child.on("close", resolve)).finally(() =>
    clearInterval(progress),
  );
  if (code !== 0) throw new Error(`go ${args[0]} failed:\n${lines.slice(-20).join("\n")}`);
  console.log(`  done in ${elapsed()}`);
}

function link(target, file) {
  if (!existsSync(target)) throw new Error(`${target} is missing: run npm ci first.`);
  chmodSync(target, 0o755);
  rmSync(file, { force: true });
  symlinkSync(relative(dirname(file), target), file);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
