// Loaded before a provider: only the client's waits between attempts use this module.
const timers = require("node:timers/promises");

const { setTimeout: wait } = timers;
timers.setTimeout = (milliseconds, ...more) => wait(milliseconds / 20, ...more);
