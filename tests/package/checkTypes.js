// Checks the package's declarations, and a program that uses them, under the compiler options that users have. Runs in a project with the
// package, TypeScript and several versions of @types/node, each in a folder `types-<version>`. Prints the options and what is wrong.
const { createRequire } = require("node:module");
const { join } = require("node:path");

const ts = createRequire(join(process.cwd(), "_"))("typescript");
const [program, ...nodeVersions] = process.argv.slice(2);
const TARGETS = ["es2020", "es2021", "es2022", "es2023", "es2024", "esnext"];
const MODULES = [
  ["commonjs", "node10"],
  ["node16", "node16"],
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
];

const parsed = new Map();

/** Parses each file once for all options that parse it alike. */
function hostOf(options) {
  const host = ts.createCompilerHost(options);
  const { getSourceFile } = host;
  host.getSourceFile = (file, how, ...rest) => {
    const key = JSON.stringify([file, how.impliedNodeFormat, options.moduleResolution]);
    if (!parsed.has(key)) parsed.set(key, getSourceFile.call(host, file, how, ...rest));
    return parsed.get(key);
  };
  return host;
}

/** Returns what is wrong in the program and in this package's declarations; those of other packages are theirs. */
function errorsUnder(settings) {
  const json = { ...settings, strict: true, noEmit: true };
  const { options } = ts.convertCompilerOptionsFromJson(json, process.cwd());
  const host = hostOf(options);
  const compiled = ts.createProgram([program], options, host);
  const checked = compiled
    .getSourceFiles()
    .filter(({ fileName }) => /node_modules\/pulumi-keycard\/|^program/.test(fileName));
  const errors = checked.flatMap((file) => [
    ...compiled.getSyntacticDiagnostics(file),
    ...compiled.getSemanticDiagnostics(file),
  ]);
  return ts.formatDiagnostics([...compiled.getOptionsDiagnostics(), ...errors], host);
}

// Covers each pair of target and module, and each of them with each version of Node's types.
for (const [row, target] of TARGETS.entries())
  for (const [column, [module, moduleResolution]] of MODULES.entries()) {
    const version = nodeVersions[(row + column) % nodeVersions.length];
    const settings = { target, module, moduleResolution, types: ["node"], typeRoots: [`./types-${version}`] };
    console.log(`${target} ${module} ${version}: ${errorsUnder(settings) || "sound"}`);
  }
