// Starts Pulumi's own host of dynamic providers again and again in one process: a new process would take a second of processor time.
// Each host is new all the same: its script and our whole package are evaluated again, without the providers, clients and tokens of
// the one before. Only modules of others stay loaded, which hold nothing of a provider. To test the end of a process, the tests
// kill this one.
const { createRequire } = require("node:module");
const { realpathSync } = require("node:fs");
const { dirname, sep } = require("node:path");
const timers = require("node:timers/promises");

const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const built = realpathSync(require.resolve("pulumi-keycard/host"));
const renewed = [dirname(script), dirname(dirname(dirname(built)))].map((folder) => folder + sep);
const { Server } = createRequire(script)("@grpc/grpc-js");
const events = ["uncaughtException", "unhandledRejection", "exit"];

// Shortens the client's waits between attempts, which are the only ones that use this module, to a twentieth.
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
