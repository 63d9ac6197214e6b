// Suites of the real CLI's own commands run only where there is a real engine; everything else runs on either.
require("./register");
const { chooseEngine } = require("./engine/index.ts");
const deferred = require("./engine/standIn/deferred");

module.exports = async () => ({
  rootDir: "..",
  testMatch: ["<rootDir>/tests/**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    ...((await chooseEngine()) === "pulumi" ? [] : ["<rootDir>/tests/engine/real/"]),
  ],
  moduleNameMapper: { [deferred.source]: "<rootDir>/tests/unused.js" },
  transform: { "\\.ts$": "<rootDir>/tests/transform.js" },
  testTimeout: 180_000,
  testSequencer: "<rootDir>/tests/sequencer.js",
  globalSetup: "<rootDir>/tests/engine/announce.ts",
  reporters: ["default", "<rootDir>/tests/support/slowestSuites.js"],
  maxWorkers: 3,
});
