// Generates the schema of the native provider from the types and the TSDoc of the resources' classes, arguments and lookups, so that
// each description is written once: `schema.ts`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const folder = dirname(fileURLToPath(import.meta.url));
const { compilerOptions } = ts.readConfigFile(join(folder, "../tsconfig.json"), ts.sys.readFile).config;
const { options } = ts.convertCompilerOptionsFromJson(compilerOptions, join(folder, ".."));
const entry = join(folder, "index.ts");
const program = ts.createProgram([entry, join(folder, "session/settings.ts")], { ...options, noEmit: true });
const checker = program.getTypeChecker();
const moduleOf = (file) => checker.getSymbolAtLocation(program.getSourceFile(file));
const exported = new Map(checker.getExportsOfModule(moduleOf(entry)).map((symbol) => [symbol.name, symbol]));

function typeOf(name) {
  const symbol = exported.get(name);
  const original = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return { symbol: original, type: checker.getDeclaredTypeOfSymbol(original) };
}

function description(symbol) {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  return text
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s*\n\s*/g, " ")
    .trim();
}

const types = {};

/** Returns the schema of a type, as it is written in the source. */
function schemaOf(node) {
  if (ts.isUnionTypeNode(node)) {
    const some = node.types.filter((one) => one.kind !== ts.SyntaxKind.UndefinedKeyword).map(schemaOf);
    return some.length === 1 ? some[0] : { oneOf: some };
  }
  if (ts.isArrayTypeNode(node)) return { type: "array", items: schemaOf(node.elementType) };
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.getText();
    const [first, second] = node.typeArguments ?? [];
    if (name === "pulumi.Input" || name === "pulumi.Output") return schemaOf(first);
    if (name === "Record") return { type: "object", additionalProperties: schemaOf(second) };
    if (name === "Permissions")
      return {
        type: "object",
        additionalProperties: { type: "object", additionalProperties: { type: "boolean" } },
      };
    if (exported.has(name)) {
      types[`keycard:index:${name}`] ??= { type: "object", ...objectOf(name) };
      return { $ref: `#/types/keycard:index:${name}` };
    }
  }
  const plain = { [ts.SyntaxKind.StringKeyword]: "string", [ts.SyntaxKind.BooleanKeyword]: "boolean" }[
    node.kind
  ];
  if (plain === undefined) throw new Error(`The schema has no type for ${node.getText()}`);
  return { type: plain };
}

/** Returns the properties of a class or an interface, and which of them are always there. */
function objectOf(name) {
  const { symbol, type } = typeOf(name);
  const members = type.isUnion()
    ? type.types.flatMap((one) => one.getProperties())
    : checker.getPropertiesOfType(type);
  const own = members.filter(
    ({ valueDeclaration: one }) => one && (ts.isPropertySignature(one) || ts.isPropertyDeclaration(one)),
  );
  const local = own.filter(({ valueDeclaration: one }) => one.getSourceFile().fileName.startsWith(folder));
  const properties = {};
  const required = [];
  for (const member of local) {
    const { type: node, questionToken } = member.valueDeclaration;
    if (node.kind === ts.SyntaxKind.UndefinedKeyword) continue;
    properties[member.name] = { ...schemaOf(node), description: description(member) };
    if (!questionToken && !/\bundefined\b/.test(node.getText())) required.push(member.name);
  }
  return { description: description(symbol), properties, required: type.isUnion() ? [] : required };
}

const secrets = ["clientSecret", "previousClientSecret", "apiKey"];
function withSecrets(properties) {
  return Object.fromEntries(
    Object.entries(properties).map(([name, one]) => [
      name,
      secrets.includes(name) ? { ...one, secret: true } : one,
    ]),
  );
}

function resource(name) {
  const { description: text, properties, required } = objectOf(name);
  const inputs = objectOf(`${name}Args`);
  const state = exported.has(`${name}State`) ? objectOf(`${name}State`) : undefined;
  return {
    description: text,
    properties: withSecrets(properties),
    required,
    inputProperties: withSecrets(inputs.properties),
    requiredInputs: inputs.required,
    ...(state ? { stateInputs: { description: state.description, properties: state.properties } } : {}),
    aliases: [{ type: `pulumi-nodejs:dynamic/keycard:${name}` }],
  };
}

function lookup(name) {
  const type = name[0].toUpperCase() + name.slice(1);
  const { properties, required } = objectOf(`${type}Args`);
  const result = objectOf(`${type === "GetServiceAccount" ? "GetServiceAccount" : type}Result`);
  const symbol = checker.getAliasedSymbol(exported.get(name));
  return {
    description: description(symbol),
    inputs: {
      type: "object",
      properties: { ...properties, ...objectOf("LookupOptions").properties },
      required,
    },
    outputs: {
      type: "object",
      description: result.description,
      properties: result.properties,
      required: result.required,
    },
  };
}

const {
  description: about,
  version,
  homepage,
  repository,
} = JSON.parse(readFileSync(join(folder, "../package.json"), "utf8"));
const settingsModule = moduleOf(join(folder, "session/settings.ts"));
const settings = checker.getExportsOfModule(settingsModule).find(({ name }) => name === "Settings");
const settingsMembers = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(settings));
const variables = withSecrets(
  Object.fromEntries(
    settingsMembers.map((one) => [one.name, { type: "string", description: description(one) }]),
  ),
);
const map = (prefix, names, make) =>
  Object.fromEntries(names.map((name) => [`${prefix}${name}`, make(name)]));
const prefix = "keycard:index:";
const schema = {
  name: "keycard",
  displayName: "Keycard",
  version,
  description: about,
  license: "Apache-2.0",
  ...(homepage ? { homepage } : {}),
  ...(repository ? { repository: repository.url ?? repository } : {}),
  meta: { moduleFormat: "(.*)" },
  config: { variables },
  provider: {
    description: "The settings of a provider; by default, those of the stack's configuration.",
    inputProperties: variables,
  },
  resources: map(
    prefix,
    ["ServiceAccount", "ServiceAccountCredential", "RotatingCredential", "ExclusiveCredentials"],
    resource,
  ),
  functions: map(prefix, ["getServiceAccount", "getServiceAccounts", "getServiceAccountCredentials"], lookup),
  types,
  language: {
    nodejs: { respectSchemaVersion: true },
    python: { respectSchemaVersion: true, pyproject: { enabled: true } },
    // Pulumi generates the Go module where it is used. By default its path would change with the repository's address.
    go: {
      respectSchemaVersion: true,
      generateResourceContainerTypes: true,
      importBasePath: "example.com/pulumi-keycard/sdk/go/keycard",
    },
  },
};
mkdirSync(join(folder, "generated"), { recursive: true });
writeFileSync(
  join(folder, "generated/schema.ts"),
  `// Generated by \`npm run generate\`.\nexport const schema: object = ${JSON.stringify(schema, null, 2)};\n`,
);
