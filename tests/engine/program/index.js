// Declares what resources.json, next to this file, lists:
//   { "resources": { "<key>": { "type", "name"?, "args"?, "options"? } }, "exports"?: {…}, "throws"?: "<message>" }
// In args, options and exports, "${<key>.<output>}" stands for an output of a resource that was listed before, and
// { "secret": <value> } for a value marked as secret.
const { readFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

const packages = {
  ExclusiveCredentials: "pulumi-keycard",
  Probe: "./probe",
  RandomId: "@pulumi/random",
  RandomPet: "@pulumi/random",
  ServiceAccount: "pulumi-keycard",
  ServiceAccountCredential: "pulumi-keycard",
};

const goal = JSON.parse(readFileSync(`${__dirname}/resources.json`, "utf8"));
const made = {};

function resolve(value) {
  if (typeof value === "string") {
    const [, name, output] = /^\$\{([\w-]+)\.(\w+)\}$/.exec(value) ?? [];
    return name ? made[name][output] : value;
  }
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(resolve);
  if ("secret" in value) return pulumi.secret(resolve(value.secret));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item)]));
}

for (const [key, { type, name = key, args = {}, options = {} }] of Object.entries(goal.resources)) {
  const Class = require(packages[type])[type];
  made[key] = new Class(name, resolve(args), resolve(options));
}
// Without a stack: to colour one that leads through @pulumi/pulumi takes the runner up to a minute, in some versions of Node.
if (goal.throws) throw Object.assign(new pulumi.RunError(goal.throws), { stack: goal.throws });

module.exports = resolve(goal.exports ?? {});
