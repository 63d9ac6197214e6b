// Prints the slowest suites at the end of a run, so that nobody has to guess where its time goes.
const path = require("node:path");

const SHOWN = 10;

module.exports = class {
  onRunComplete(_contexts, { testResults }) {
    if (testResults.length <= SHOWN) return;
    const seconds = ({ perfStats }) => (perfStats.end - perfStats.start) / 1000;
    const slowest = testResults.sort((a, b) => seconds(b) - seconds(a)).slice(0, SHOWN);
    const lines = slowest.map(
      (result) => `${seconds(result).toFixed(0).padStart(6)} s  ${path.relative("", result.testFilePath)}`,
    );
    process.stderr.write(`\nThe ${SHOWN} slowest suites:\n${lines.join("\n")}\n`);
  }
};
