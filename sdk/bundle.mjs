// Bundles each `thirdParty.ts` with the packages that it exports. Only third-party code is bundled: our own modules stay separate, so
// that all entry points share their classes. The native provider is the exception: it is one executable file, with the parts of Pulumi's SDK
// that it needs. Writes the licences of all bundled packages into THIRD-PARTY-NOTICES.
import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const shared = { bundle: true, platform: "node", target: "node20", format: "cjs", metafile: true };
const libraries = await build({
  ...shared,
  entryPoints: [
    "provider/thirdParty.ts",
    "provider/rotation/thirdParty.ts",
    "sdk/thirdParty.ts",
    "sdk/emulator/thirdParty.ts",
  ],
  outbase: ".",
  outdir: "dist",
  // node-fetch falls back to this package of 9 MB where Node has no web streams.
  alias: { "web-streams-polyfill/dist/ponyfill.es2018.js": "node:stream/web" },
});

const plugin = await build({
  ...shared,
  entryPoints: ["dist/provider/hosts/plugin.js"],
  outfile: "dist/plugin/pulumi-resource-keycard",
  minify: true,
  banner: { js: "#!/usr/bin/env node" },
});
// On Windows, Pulumi looks for an `.exe` or a `.cmd` with the plugin's name.
writeFileSync("dist/plugin/pulumi-resource-keycard.cmd", '@node "%~dp0pulumi-resource-keycard" %*\r\n');
// Compilers write files that are not executable. npm changes that for the command alone, and only when it installs the package.
for (const file of ["plugin/pulumi-resource-keycard", "provider/cli/index.js"])
  chmodSync(`dist/${file}`, 0o755);

const inputs = [libraries, plugin].flatMap(({ metafile }) => Object.keys(metafile.inputs));
const folders = inputs.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file) ?? []);
const notices = [...new Set(folders)].sort().map((folder) => {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  return `${name} ${version} (${license})\n\n${licenceText(folder)}\n`;
});

/** Returns the licence file; some packages have the text at the end of their README instead. */
function licenceText(folder) {
  const find = (pattern) => readdirSync(folder).find((file) => pattern.test(file));
  const read = (file) => readFileSync(join(folder, file), "utf8").trim();
  const file = find(/^licen[cs]e/i);
  const text = file ? read(file) : /^(?:#+ )?licen[cs]e\s.*/ims.exec(read(find(/^readme/i)))?.[0];
  if (!text) throw new Error(`${folder} has no licence text`);
  return text;
}
writeFileSync(
  "THIRD-PARTY-NOTICES",
  `This package contains the following packages, each under its own licence.\n\n${notices.join(`\n${"-".repeat(80)}\n\n`)}`,
);
