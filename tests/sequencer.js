// Without the times of earlier runs, Jest starts the largest files first. These suites take long, some of them because they wait:
// started last, they would run alone at the end.
const { default: Sequencer } = require("@jest/test-sequencer");

const long = [
  "model/model",
  "package/userProjects",
  "model/faults",
  "examples/gitops/pipelines",
  "tour/tour",
  "provider/session/rateLimit",
  "provider/resources/exclusiveCredentials",
  "provider/resources/rotatingCredential",
  "provider/rotation/failedSteps",
  "sdk/http/retry",
].map((name) => `tests/${name}.test.ts`);

module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => long.some((name) => path.endsWith(name));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
