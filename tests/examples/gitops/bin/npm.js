// The `npm` of the pipelines' tests: `npm ci` leaves what it would leave, the package of this checkout among it, but installs
// nothing. What an installed package is like, tests/package shows.
const { mkdirSync, symlinkSync, writeFileSync } = require("node:fs");
const { resolve } = require("node:path");

const checkout = resolve(__dirname, "../../../..");
const asked = process.argv.slice(2).join(" ");
if (asked !== "ci --ignore-scripts")
  throw new Error(`npm ${asked}: the tests know only npm ci --ignore-scripts`);

mkdirSync("node_modules/.bin", { recursive: true });
symlinkSync(checkout, "node_modules/pulumi-keycard");
for (const name of ["@pulumi", "@types", "typescript"])
  symlinkSync(`${checkout}/node_modules/${name}`, `node_modules/${name}`);
const command = `#!/bin/sh\nexec node '${checkout}/dist/provider/cli/index.js' "$@"\n`;
writeFileSync("node_modules/.bin/pulumi-keycard", command, { mode: 0o755 });
