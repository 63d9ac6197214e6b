// Checks the package's declarations, and programs that use them, under the compiler options that users have. Runs in a project with the
// package, TypeScript, the programs, and several versions of @types/node, each in a folder `types-<version>`. Prints the options and what
// is wrong.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const ts = createRequire(join(process.cwd(), "_"))("typescript");
const nodeVersions = process.argv.slice(2);
const TARGETS = ["es2020", "es2021", "es2022", "es2023", "es2024", "esnext"];
const MODULES = [
  ["commonjs", "node10"],
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
];

const parsed = new Map();

/** Parses each file once for all options: they parse alike what they take for the same kind of module. */
function hostOf(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors; // As `tsc` does.
  host.getSourceFile = (file, how, ...rest) => {
    const key = `${how.impliedNodeFormat} ${file}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile.call(host, file, how, ...rest));
    return parsed.get(key);
  };
  return host;
}

/** Prints what is wrong in the programs and in the declarations of the packages that `isChecked` selects. */
function check(name, settings, files, isChecked = () => true) {
  const json = { ...settings, strict: true, noEmit: true, types: ["node"] };
  const { options } = ts.convertCompilerOptionsFromJson(json, process.cwd());
  const host = hostOf(options);
  const compiled = ts.createProgram(files, options, host);
  const errors = compiled
    .getSourceFiles()
    .filter(isChecked)
    .flatMap((file) => [...compiled.getSyntacticDiagnostics(file), ...compiled.getSemanticDiagnostics(file)]);
  const all = [...compiled.getOptionsDiagnostics(), ...compiled.getGlobalDiagnostics(), ...errors];
  console.log(`${name}: ${ts.formatDiagnostics(all, host) || "sound"}`);
}

const strict = { target: "es2022", exactOptionalPropertyTypes: true, skipLibCheck: false };
check("strict", { ...strict, module: "nodenext" }, ["program.cts", "program.mts", "lookups.mts"]);
check("older templates", { ...strict, module: "commonjs", moduleResolution: "node10" }, ["program.ts"]);

// Covers each pair of target and module, and each of them with each version of Node's types. The declarations of other packages are theirs.
const isOurs = ({ fileName }) => /node_modules\/pulumi-keycard\/|^program/.test(fileName);
for (const [row, target] of TARGETS.entries())
  for (const [column, [module, moduleResolution]] of MODULES.entries()) {
    const version = nodeVersions[(row + column) % nodeVersions.length];
    const settings = { target, module, moduleResolution, typeRoots: [`./types-${version}`] };
    check(`${target} ${module} ${version}`, settings, ["program.ts"], isOurs);
  }
