// Suites of the real CLI's own commands run only where there is a real engine; everything else runs on either.
require("./register");
const { dirname } = require("node:path");
const { chooseEngine } = require("./engine/index.ts");
const deferred = require("./engine/standIn/deferred");

/** The suites of `tests/provider` that concern one of the two providers, or neither. */
const ON_ONE = ["codegen", "hosts/missingPackage", "hosts/plugin", "lookups/lookups.test", "resources/state"];

const rootDir = dirname(__dirname);
const common = {
  rootDir,
  moduleNameMapper: { [deferred.source]: "<rootDir>/tests/unused.js" },
  transform: { "\\.ts$": "<rootDir>/tests/transform.js" },
};

/**
 * `PROVIDER` (`dynamic` or `native`) limits a run to one of the two providers. Without it, the real engine, which is slow, runs the dynamic
 * one, and the stand-in both.
 */
module.exports = async () => {
  const isReal = (await chooseEngine()) === "pulumi";
  const { PROVIDER = isReal ? "dynamic" : "" } = process.env;
  const projects = [
    {
      ...common,
      displayName: "dynamic",
      testMatch: ["<rootDir>/tests/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", ...(isReal ? [] : ["<rootDir>/tests/engine/real/"])],
    },
    {
      ...common,
      displayName: "native",
      globals: { PROVIDER: "native" },
      testMatch: ["<rootDir>/tests/provider/**/*.test.ts", "<rootDir>/tests/cli/drift/engineExport.test.ts"],
      testPathIgnorePatterns: [
        "/node_modules/",
        ...ON_ONE.map((suite) => `<rootDir>/tests/provider/${suite}`),
      ],
    },
  ];
  return {
    rootDir,
    projects: projects.filter(({ displayName }) => PROVIDER === "" || displayName === PROVIDER),
    testTimeout: 180_000,
    testSequencer: "<rootDir>/tests/sequencer.js",
    globalSetup: "<rootDir>/tests/engine/announce.ts",
    reporters: ["default", "<rootDir>/tests/support/slowestSuites.js"],
    maxWorkers: 3,
  };
};
