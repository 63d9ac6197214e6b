// The command `npm` in the pipelines' tests: instead of installing anything, `npm ci` links this checkout and its dependencies.
const { mkdirSync, symlinkSync, writeFileSync } = require("node:fs");
const { resolve } = require("node:path");

const checkout = resolve(__dirname, "../../../..");
const command = process.argv.slice(2).join(" ");
if (command !== "ci --ignore-scripts") throw new Error(`npm ${command}: not implemented`);

mkdirSync("node_modules/.bin", { recursive: true });
symlinkSync(checkout, "node_modules/pulumi-keycard");
for (const name of ["@pulumi", "@types", "typescript"])
  symlinkSync(`${checkout}/node_modules/${name}`, `node_modules/${name}`);
const script = `#!/bin/sh\nexec node '${checkout}/dist/provider/cli/index.js' "$@"\n`;
writeFileSync("node_modules/.bin/pulumi-keycard", script, { mode: 0o755 });
