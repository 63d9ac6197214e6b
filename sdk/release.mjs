// Writes what a release offers for download into release/: the package, the native provider for each platform, under the names that
// `pulumi plugin install --server` requests, and the checksums of all. The same input gives the same files.
// Usage: node sdk/release.mjs [--folder release] [asset …], by default all assets. Needs a build; the executables for Linux
// also need the npm registry.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as tar from "tar";

const PLUGIN = "pulumi-resource-keycard";
const LICENCES = ["LICENSE", "THIRD-PARTY-NOTICES"];

/** The Node that the executables for Linux contain, from npm's packages node-linux-…, with their checksums there. */
const NODE = {
  version: "26.12.1",
  x64: "sha512-jk5LMAmgHlPlPMWpsUrSOqNaEZG+11UNd35hWQ+p5/XGaelWuTqJ69IcAy/5xtPPN4d5ZRBNOGB6gLMCh2kL9A==",
  arm64: "sha512-8Oxs6Y7rDcKufVIM/zYRSwytj46WOrZk7yFCLTKDcs17bBjAeD9HMAqo97hMfMyxozIud0S4vZCs5WB/3iavNQ==",
};

/** Each asset that can be asked for, with what writes it. */
const ASSETS = {
  package: pack,
  "linux-amd64": (platform) => archive(platform, standalone("x64")),
  "linux-arm64": (platform) => archive(platform, standalone("arm64")),
  "darwin-amd64": (platform) => archive(platform, bundle(PLUGIN)),
  "darwin-arm64": (platform) => archive(platform, bundle(PLUGIN)),
  "windows-amd64": (platform) => archive(platform, bundle(PLUGIN, `${PLUGIN}.cmd`)),
  "windows-arm64": (platform) => archive(platform, bundle(PLUGIN, `${PLUGIN}.cmd`)),
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: "string" } },
});
const folder = resolve(values.folder ?? "release");
const { version } = JSON.parse(readFileSync("package.json", "utf8"));
const scratch = mkdtempSync(join(tmpdir(), "pulumi-keycard-release-"));
const nodes = {};
try {
  if (values.folder === undefined) rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = positionals.length > 0 ? positionals : Object.keys(ASSETS);
  const unknown = names.filter((name) => !(name in ASSETS));
  if (unknown.length > 0) throw new Error(`No such asset: ${unknown.join(", ")}`);
  const files = names.map((name) => ASSETS[name](name)).sort();
  const sums = files.map((file) => `${checksum("sha256", "hex", join(folder, file))}  ${file}\n`);
  writeFileSync(join(folder, "SHA256SUMS"), sums.join(""));
  console.log(sums.join("").trimEnd());
} finally {
  rmSync(scratch, { recursive: true });
}

/** Packs the npm package. Returns the name of the file. */
function pack() {
  return npmPack(folder, ["--ignore-scripts"]);
}

/** Packs a package with npm into a folder. Returns the name of the file. */
function npmPack(destination, args) {
  const options = ["pack", "--json", "--pack-destination", destination, ...args];
  const [{ filename }] = JSON.parse(execFileSync("npm", options, { encoding: "utf8" }));
  return filename;
}

/** Packs the plugin for a platform, given the folder of each file. Returns the name of the archive. */
function archive(platform, files) {
  const staging = join(scratch, platform);
  mkdirSync(staging);
  for (const [name, source] of Object.entries(files)) {
    copyFileSync(source, join(staging, name));
    chmodSync(join(staging, name), name === PLUGIN ? 0o755 : 0o644);
  }
  const file = `${PLUGIN}-v${version}-${platform}.tar.gz`;
  const reproducible = { portable: true, mtime: new Date(0) };
  const options = { cwd: staging, file: join(folder, file), gzip: true, sync: true, ...reproducible };
  tar.create(options, Object.keys(files).sort());
  return file;
}

/** The files of the plugin that needs Node on the PATH. */
function bundle(...names) {
  const built = names.map((name) => [name, join("dist/plugin", name)]);
  return Object.fromEntries([...built, ...LICENCES.map((name) => [name, name])]);
}

/** The files of the plugin as one executable that contains Node. */
function standalone(cpu) {
  if (process.platform !== "linux") throw new Error("The executables for Linux can be built only on Linux.");
  const target = node(cpu);
  const executable = join(scratch, `${PLUGIN}-${cpu}`);
  const config = join(scratch, `${cpu}.json`);
  const main = resolve("dist/plugin", PLUGIN);
  const options = { main, executable: join(target, "bin/node"), output: executable };
  writeFileSync(config, JSON.stringify({ ...options, disableExperimentalSEAWarning: true }));
  execFileSync(join(node(process.arch), "bin/node"), ["--build-sea", config], { stdio: "pipe" });
  return { ...bundle(), [PLUGIN]: executable, "LICENSE-node": join(target, "LICENSE") };
}

/** Returns a folder with Node for a CPU and its licence. */
function node(cpu) {
  return (nodes[cpu] ??= fetchNode(cpu));
}

function fetchNode(cpu) {
  const name = `node-linux-${cpu}@${NODE.version}`;
  const file = join(scratch, npmPack(scratch, [name]));
  if (checksum("sha512", "base64", file) !== NODE[cpu].replace("sha512-", ""))
    throw new Error(`The checksum of ${name} is not the recorded one.`);
  const target = join(scratch, cpu);
  mkdirSync(target);
  tar.extract({ cwd: target, file, strip: 1, sync: true }, ["package/bin/node", "package/LICENSE"]);
  return target;
}

function checksum(algorithm, encoding, file) {
  return createHash(algorithm).update(readFileSync(file)).digest(encoding);
}
