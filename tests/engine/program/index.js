// Declares what resources.json, next to this file, lists:
//   { "resources": { "<key>": { "type", "name"?, "id"?, "args"?, "options"? } }, "exports"?: {…}, "throws"?: "<message>", "provider"?: "native" }
// In args, options and exports, "${<key>.<output>}" stands for an output of a resource that was listed before, "${<key>}" for
// the resource itself, { "secret": <value> } for a value marked as secret, and { "output": <value> } for an output. A resource with an "id" is only read. A type that begins
// with "get" is a function, and its key stands for what it returns.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const goal = JSON.parse(readFileSync(`${__dirname}/resources.json`, "utf8"));
const outputs = {};
const isNative = (goal.provider ?? process.env.PROVIDER) === "native";
const packages = { Probe: "./probe", RandomId: "@pulumi/random", RandomPet: "@pulumi/random" };
const keycard = isNative ? "pulumi-keycard/native" : "pulumi-keycard";

function resolve(value) {
  if (typeof value === "string") {
    const [, name, output] = /^\$\{([\w-]+)(?:\.(\w+))?\}$/.exec(value) ?? [];
    return output ? outputs[name][output] : name ? outputs[name] : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolve);
  if ("secret" in value) return pulumi.secret(resolve(value.secret));
  if ("output" in value) return pulumi.output(value.output);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
}

/** The native functions take the options of the dynamic ones as arguments. */
function lookupArguments(args, { organizationId, permissions, ...options }) {
  const ours = Object.fromEntries(
    Object.entries({ organizationId, permissions }).filter(([, value]) => value !== undefined),
  );
  return process.env.PROVIDER === "native"
    ? [{ ...args, ...ours }, options]
    : [args, { ...options, ...ours }];
}

for (const [key, { type, name = key, id, args = {}, options = {} }] of Object.entries(goal.resources)) {
  const exported = require(packages[type] ?? keycard)[type];
  if (type.startsWith("get")) outputs[key] = exported(...lookupArguments(resolve(args), resolve(options)));
  else if (id) outputs[key] = exported.get(name, resolve(id), resolve(args), resolve(options));
  else outputs[key] = new exported(name, resolve(args), resolve(options));
}
// Without a stack: to colour one that leads through @pulumi/pulumi takes the runner up to a minute, in some versions of Node.
if (goal.throws) throw Object.assign(new pulumi.RunError(goal.throws), { stack: goal.throws });

module.exports = resolve(goal.exports ?? {});
