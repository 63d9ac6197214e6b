// Derives from openapi.yaml `generated/api.ts`, its types, and
// `generated/validators.ts`, checks compiled ahead of time, so that the client loads neither a schema compiler nor a YAML parser.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import standalone from "ajv/dist/standalone/index.js";
import openapiTS, { astToString } from "openapi-typescript";
import { parse } from "yaml";

const source = new URL("openapi.yaml", import.meta.url);
const generated = new URL("generated/", import.meta.url);
const header = "// Generated from ../openapi.yaml by `npm run generate`.\n";
mkdirSync(generated, { recursive: true });

writeFileSync(new URL("api.ts", generated), header + astToString(await openapiTS(source)));

const document = parse(readFileSync(source, "utf8"));
const ajv = new Ajv2020({
  code: { source: true, esm: true },
  // The first violation is enough; collecting those of a large response would take too long.
  allErrors: false,
  strictSchema: false, // only the `components` of an OpenAPI document are JSON schemas
  // Formats such as dates are documentation: a response is not rejected for them.
  validateFormats: false,
});
ajv.addSchema({ $id: "openapi", components: document.components });
const names = Object.keys(document.components.schemas);
const validators = standalone.default(
  ajv,
  Object.fromEntries(names.map((name) => [name, `openapi#/components/schemas/${name}`])),
);
writeFileSync(
  new URL("validators.ts", generated),
  // The compiler writes `require`; TypeScript accepts `import` in every module.
  `${header}// @ts-nocheck\n${validators.replace(
    /const (\w+) = require\("([^"]+)"\)\.default/g,
    'import $1_module from "$2"; const $1 = $1_module.default ?? $1_module',
  )}\n`,
);

const dist = new URL("../dist/sdk/", import.meta.url);
mkdirSync(dist, { recursive: true });
cpSync(source, new URL("openapi.yaml", dist));
