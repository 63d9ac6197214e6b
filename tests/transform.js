// Compiles the TypeScript of the tests for Jest, one file at a time; `npm run lint` checks the types.
const { createHash } = require("node:crypto");
const { transformSync, version } = require("esbuild");

const options = {
  loader: "ts",
  format: "cjs",
  target: "node20",
  sourcemap: "inline",
  // Pulumi's modules are CommonJS: `import()` would find only some of their exports.
  supported: { "dynamic-import": false },
};

module.exports = {
  process: (source, sourcefile) => ({ code: transformSync(source, { ...options, sourcefile }).code }),
  getCacheKey: (source, sourcefile) =>
    createHash("sha256")
      .update(`${version} ${JSON.stringify(options)} ${sourcefile}\n${source}`)
      .digest("hex"),
};
