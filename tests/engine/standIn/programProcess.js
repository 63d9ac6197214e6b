// Runs Pulumi's own program runner again and again in one process, because a new process takes several times as long. Each program is new:
// the runner, Pulumi's SDK, our package and the program are evaluated again. Only what holds nothing of a program stays loaded. Only for
// programs in CommonJS: Node cannot evaluate an ES module twice.
const Module = require("node:module");
const { realpathSync } = require("node:fs");
const { join, sep } = require("node:path");

const events = ["uncaughtException", "unhandledRejection", "beforeExit", "exit"];
/** Those of Node, and that of the protocol buffers, which stay loaded. */
const globals = new Set([...Reflect.ownKeys(globalThis), "proto"]);
const ENDED = "\0ended\n";
/** What stays loaded: protocol buffers, the serializer of closures, and packages that know no program. */
const KEPT = /\/@pulumi\/pulumi\/(proto|runtime\/closure)\/|\/thirdParty\.js$|\/generated\//;

let renewed;
let emptied;

function start({ script, args, cwd, env }) {
  const folders = [realpathSync(cwd), realpathSync(join(__dirname, "../../../dist"))];
  renewed = (file) =>
    !KEPT.test(file) &&
    (file.includes("/node_modules/@pulumi/") ||
      folders.some(
        (folder) => file.startsWith(folder + sep) && !file.startsWith(join(folder, "node_modules")),
      ));
  emptied = 0;
  process.env = env;
  process.chdir(cwd);
  process.argv = [process.argv[0], script, ...args];
  process.channel.unref();
  process.on("beforeExit", whenEmpty);
  require(script);
}

/** The runner waits for an empty event loop twice: before it tells the engine that the program has ended, and after that. */
function whenEmpty() {
  if (++emptied < 5) return void setImmediate(() => undefined);
  process.emit("exit", process.exitCode ?? 0); // The runner sets another code if an error was thrown.
  const code = process.exitCode ?? 0;
  end();
  process.channel.ref();
  // The parent waits for both, and so for all output before them.
  process.stdout.write(ENDED);
  process.stderr.write(ENDED);
  process.send({ code });
}

/** Forgets the program. */
function end() {
  process.exitCode = undefined;
  for (const event of events) process.removeAllListeners(event);
  for (const key of Reflect.ownKeys(globalThis))
    if (!globals.has(key)) Reflect.deleteProperty(globalThis, key);
  module.children.length = 0;
  for (const file of Object.keys(require.cache).filter(renewed)) Reflect.deleteProperty(require.cache, file);
  for (const request of Object.keys(Module._pathCache)) Reflect.deleteProperty(Module._pathCache, request);
}

process.on("disconnect", () => process.exit(1));
process.on("message", start);
