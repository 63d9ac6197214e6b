// Derives from openapi.yaml what TypeScript and the client need of it: `generated/api.ts`, its types, and
// `generated/validators.ts`, checks compiled ahead of time, so that nobody loads a schema compiler or YAML at run time.
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
  // The first fault is enough, and to collect all of a large answer's would take for ever.
  allErrors: false,
  strictSchema: false, // a whole OpenAPI document is no JSON schema: its `components` are
  // Dates and the like are told to readers, not enforced: an answer is not refused for its format.
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
  // What the compiler asks for with `require` is asked for with `import` here, which TypeScript knows in every module.
  `${header}// @ts-nocheck\n${validators.replace(
    /const (\w+) = require\("([^"]+)"\)\.default/g,
    'import $1_module from "$2"; const $1 = $1_module.default ?? $1_module',
  )}\n`,
);

const dist = new URL("../dist/sdk/", import.meta.url);
mkdirSync(dist, { recursive: true });
cpSync(source, new URL("openapi.yaml", dist));
