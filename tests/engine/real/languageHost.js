#!/usr/bin/env node
// A language host for Node programs: what the engine starts as `pulumi-language-nodejs`. Pulumi's own is not a Go module that can be
// built from the registries. This one serves what the CLI calls to run a program, and runs it with Pulumi's own runner.
const { spawn } = require("node:child_process");
const { createRequire } = require("node:module");
const { join, resolve } = require("node:path");
const grpc = require("@grpc/grpc-js");
const services = require("@pulumi/pulumi/proto/language_grpc_pb");
const messages = require("@pulumi/pulumi/proto/language_pb");
const { PluginInfo } = require("@pulumi/pulumi/proto/plugin_pb");
const { version } = require("@pulumi/pulumi/version");
const { Empty } = require("google-protobuf/google/protobuf/empty_pb");

/** The runner exits with this code when it has reported the program's error itself. */
const ERROR_REPORTED = 32;
const engineAddress = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

/** Runs a program until it ends. */
function run(request) {
  const info = request.getInfo();
  const folder = info.getProgramDirectory();
  const options = info.getOptions()?.toJavaScript() ?? {};
  const args = [
    ...["--monitor", request.getMonitorAddress(), "--engine", engineAddress],
    ...["--organization", request.getOrganization(), "--project", request.getProject()],
    ...["--stack", request.getStack(), "--pwd", request.getPwd()],
    ...["--parallel", String(request.getParallel()), ...(request.getDryrun() ? ["--dry-run"] : [])],
    ...[info.getEntryPoint(), ...request.getArgsList()],
  ];
  const env = {
    ...process.env,
    PULUMI_NODEJS_PROJECT: request.getProject(),
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toArray())),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
  };
  const runner = createRequire(join(resolve(folder), "_")).resolve("@pulumi/pulumi/cmd/run");
  const nodeArgs = String(options.nodeargs ?? "")
    .split(/\s+/)
    .filter(Boolean);
  const program = spawn("node", [...nodeArgs, runner, ...args], {
    cwd: folder,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((resolve, reject) => {
    program.on("error", reject);
    program.on("close", (code, signal) => {
      const response = new messages.RunResponse();
      if (code === ERROR_REPORTED) response.setBail(true);
      else if (code !== 0) response.setError(`the program ended with ${signal ?? `exit code ${code}`}`);
      resolve(response);
    });
  });
}

function serve(handle) {
  return (call, callback) => {
    Promise.resolve(call.request)
      .then(handle)
      .then(
        (response) => callback(null, response),
        (error) => callback({ code: grpc.status.UNKNOWN, details: error.message }),
      );
  };
}

const server = new grpc.Server();
server.addService(services.LanguageRuntimeService, {
  handshake: serve(() => new messages.LanguageHandshakeResponse()),
  getPluginInfo: serve(() => new PluginInfo().setVersion(version)),
  // Each resource names its plugin itself.
  getRequiredPlugins: serve(() => new messages.GetRequiredPluginsResponse()),
  getRequiredPackages: serve(() => new messages.GetRequiredPackagesResponse()),
  runtimeOptionsPrompts: serve(() => new messages.RuntimeOptionsResponse()),
  run: serve(run),
  cancel: serve(() => new Empty()),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  console.log(port); // This is how the engine learns where to connect.
});
