// Starts a provider again and again in one process, because a new process takes five times as long: Pulumi's own host of dynamic providers,
// or the native provider, not bundled. Each is new: its script, the program's own modules and those of our package that hold the state of a
// process are evaluated again, without the clients and tokens of the one before. Lint makes sure that no other folder that it loads has
// state.
// Usage: hostProcess.js pulumi-nodejs|keycard
const Module = require("node:module");
const { realpathSync } = require("node:fs");
const { dirname, join, sep } = require("node:path");

const fromProgram = Module.createRequire(join(process.cwd(), "_"));
const script =
  process.argv[2] === "keycard"
    ? join(__dirname, "../../../dist/provider/hosts/plugin.js")
    : fromProgram.resolve("@pulumi/pulumi/cmd/dynamic-provider");
const { Server } = Module.createRequire(script)("@grpc/grpc-js");
const events = ["uncaughtException", "unhandledRejection", "exit"];
const STOPPED = "\0stopped\n";

const servers = new Set();
const { bindAsync } = Server.prototype;
Server.prototype.bindAsync = function (...args) {
  servers.add(this);
  return bindAsync.apply(this, args);
};

function start({ engine, env }) {
  process.env = env;
  process.argv = [process.argv[0], script, engine];
  require(script);
}

function stop() {
  for (const server of servers) server.forceShutdown();
  servers.clear();
  module.children.length = 0;
  for (const event of events) process.removeAllListeners(event);
  const isRenewed = renewedModules();
  for (const file of Object.keys(require.cache).filter(isRenewed))
    Reflect.deleteProperty(require.cache, file);
  for (const request of Object.keys(Module._pathCache)) Reflect.deleteProperty(Module._pathCache, request);
}

/** Returns a function that recognizes the modules of the host and of the program, and those of our package that have state. */
function renewedModules() {
  const program = realpathSync(process.cwd()) + sep;
  const folders = [dirname(script) + sep];
  try {
    folders.push(dirname(realpathSync(fromProgram.resolve("pulumi-keycard/host"))) + sep);
  } catch {
    // The package is not installed.
  }
  const isProgram = (file) => file.startsWith(program) && !file.startsWith(join(program, "node_modules"));
  return (file) => isProgram(file) || folders.some((folder) => file.startsWith(folder));
}

if (process.argv[2] === "pulumi-nodejs") Module.createRequire(script)("../../runtime");
process.on("disconnect", () => process.exit(1));
process.on("message", (options) => {
  stop();
  if (options.engine) return start(options);
  // The parent waits for both, and so for all output before them.
  process.stdout.write(STOPPED);
  process.stderr.write(STOPPED);
});
