/** docs/reference.md holds the TSDoc of what programs import. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { printWidth } from "../../.prettierrc.json";
import { format } from "../support/prettier";
import { checkout, command, removeFolder, temporaryFolder } from "./project";

test("docs/reference.md is what the TSDoc says; UPDATE_DOCS=1 writes it", async () => {
  const folder = await temporaryFolder();
  const tables = ["parameters", "interfaceProperties", "classProperties", "typeDeclaration"];
  const options = {
    plugin: "typedoc-plugin-markdown",
    entryPoints: "provider/index.ts",
    out: folder,
    entryFileName: "reference.md",
    outputFileStrategy: "modules",
    name: "Reference",
    readme: "none",
    logLevel: "Error",
    ...Object.fromEntries(tables.map((kind) => [`${kind}Format`, "table"])),
  };
  const names = ["hidePageHeader", "hideBreadcrumbs", "disableSources", "excludePrivate", "excludeExternals"];
  const flags = names.map((name) => `--${name}`);
  const args = [...Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]), ...flags];
  await command(checkout, process.execPath, "node_modules/typedoc/bin/typedoc", ...args);
  const written = await readFile(path.join(folder, "reference.md"), "utf8");
  await removeFolder(folder);
  const text = await format(written, { printWidth, parser: "markdown" });
  const page = path.join(checkout, "docs/reference.md");
  if (process.env["UPDATE_DOCS"]) await writeFile(page, text);
  expect(await readFile(page, "utf8")).toBe(text);
});
