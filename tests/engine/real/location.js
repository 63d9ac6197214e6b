// Where `npm run engine` puts what it builds.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/** Returns the version of the CLI that go.mod pins. */
exports.pinnedVersion = () => {
  const text = readFileSync(join(__dirname, "go.mod"), "utf8");
  return /github\.com\/pulumi\/pulumi\/pkg\/v3 v(\S+)/.exec(text)[1];
};

/** Returns the folder with the CLI of a version, and the plugins beside it. */
exports.folderOf = (version) => join(__dirname, "bin", version);
