// Without the times of earlier runs, Jest starts the largest files first. These suites take long, some of them because they wait:
// started last, they would run alone at the end.
const { default: Sequencer } = require("@jest/test-sequencer");

const long = [
  "model/model",
  "model/faults",
  "provider/session/rateLimit",
  "provider/resources/exclusiveCredentials",
  "engine/lifecycle",
  "engine/resources",
  "package/tarball",
  "tour/tour",
  "examples/gitops/pipelines",
  "provider/create/adopt",
  "provider/resources/refresh",
  "provider/create/lostResponses",
].map((name) => `tests/${name}.test.ts`);

module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => long.some((name) => path.endsWith(name));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
