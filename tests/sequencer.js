// Without a memory of earlier runs, Jest begins with the largest files. These are small but long, mostly because they wait: begun
// last, they would be waited for alone.
const { default: Sequencer } = require("@jest/test-sequencer");

const long = ["model/model.test.ts", "model/faults.test.ts", "provider/rateLimit.test.ts"];

module.exports = class extends Sequencer {
  sort(tests) {
    const isLong = ({ path }) => long.some((name) => path.endsWith(name));
    const sorted = super.sort(tests);
    return [...sorted.filter(isLong), ...sorted.filter((test) => !isLong(test))];
  }
};
