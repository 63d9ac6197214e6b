// Starts Pulumi's own host of dynamic providers again and again in one process, because a process of its own costs each
// of them a second of the processor. Each is a fresh one all the same: its script, unchanged, and our whole package
// are evaluated anew, so that whatever they remember (providers, clients, tokens, what was made) is gone. What stays is
// code of others that knows nothing of any provider. Where memory itself is not the point but the end of a process is, the
// tests kill this one, and get another.
const { createRequire } = require("node:module");
const { realpathSync } = require("node:fs");
const { dirname, sep } = require("node:path");
const timers = require("node:timers/promises");

const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const built = realpathSync(require.resolve("pulumi-keycard/host"));
const renewed = [dirname(script), dirname(dirname(dirname(built)))].map((folder) => folder + sep);
const { Server } = createRequire(script)("@grpc/grpc-js");
const events = ["uncaughtException", "unhandledRejection", "exit"];

// The client's waits between attempts, and nothing else, come from here. Shortened, a sequence takes a twentieth of the time.
const { setTimeout: wait } = timers;
timers.setTimeout = (milliseconds, ...more) => wait(milliseconds / 20, ...more);

const servers = new Set();
const { bindAsync } = Server.prototype;
Server.prototype.bindAsync = function (...args) {
  servers.add(this);
  return bindAsync.apply(this, args);
};

function start(engine) {
  process.argv = [process.argv[0], script, engine];
  require(script);
}

function stop() {
  for (const server of servers) server.forceShutdown();
  servers.clear();
  module.children.length = 0;
  for (const event of events) process.removeAllListeners(event);
  for (const file of Object.keys(require.cache)) {
    if (renewed.some((folder) => file.startsWith(folder))) Reflect.deleteProperty(require.cache, file);
  }
}

createRequire(script)("../../runtime");
process.on("disconnect", () => process.exit(1));
process.on("message", ({ engine }) => {
  stop();
  if (engine) start(engine);
  else process.send("stopped");
});
