/** What `npm run release` offers for download. tests/engine/real/release.test.ts installs it, and builds the executable with Node inside. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { version } from "../../package.json";
import { Plugin } from "../support/plugin";
import { checkout, command, removeFolder, temporaryFolder } from "./project";

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await release("first");
}, 60_000);
afterAll(() => removeFolder(folder));

/** Builds the assets that need no download. */
async function release(name: string) {
  const assets = ["package", "darwin-arm64", "windows-amd64"];
  await command(checkout, "node", "sdk/release.mjs", "--folder", path.join(folder, name), ...assets);
}

const checksums = (name: string) => readFile(path.join(folder, name, "SHA256SUMS"), "utf8");

/** Unpacks the plugin of a platform. Returns the folder. */
async function unpack(platform: string): Promise<string> {
  const target = await temporaryFolder();
  const archive = path.join(folder, "first", `pulumi-resource-keycard-v${version}-${platform}.tar.gz`);
  await command(target, "tar", "-xzf", archive);
  return target;
}

test("the files have the names that Pulumi requests, and their checksums, which the next build repeats", async () => {
  const files = [
    `pulumi-keycard-${version}.tgz`,
    `pulumi-resource-keycard-v${version}-darwin-arm64.tar.gz`,
    `pulumi-resource-keycard-v${version}-windows-amd64.tar.gz`,
  ];
  expect((await readdir(path.join(folder, "first"))).sort()).toEqual(["SHA256SUMS", ...files]);
  const lines = files.map(async (file) => {
    const content = await readFile(path.join(folder, "first", file));
    return `${createHash("sha256").update(content).digest("hex")}  ${file}\n`;
  });
  expect(await checksums("first")).toBe((await Promise.all(lines)).join(""));
  await release("second");
  expect(await checksums("second")).toBe(await checksums("first"));
}, 60_000);

test("the plugin for macOS is one that starts and serves its schema", async () => {
  const target = await unpack("darwin-arm64");
  try {
    expect((await readdir(target)).sort()).toEqual([
      "LICENSE",
      "THIRD-PARTY-NOTICES",
      "pulumi-resource-keycard",
    ]);
    const executable = path.join(target, "pulumi-resource-keycard");
    const plugin = await Plugin.start({}, { executable });
    expect((await plugin.schema()).version).toBe(version);
    await plugin.close();
  } finally {
    await removeFolder(target);
  }
});

test("the plugin for Windows has a launcher beside it, which Pulumi finds there", async () => {
  const target = await unpack("windows-amd64");
  try {
    const launcher = await readFile(path.join(target, "pulumi-resource-keycard.cmd"), "utf8");
    const [, file] = /^@node "%~dp0([^"]+)" %\*\r\n$/.exec(launcher) ?? [];
    expect(await readdir(target)).toContain(file);
  } finally {
    await removeFolder(target);
  }
});

test("an unknown asset is an error that names it", async () => {
  const run = command(checkout, "node", "sdk/release.mjs", "--folder", path.join(folder, "third"), "plan9");
  await expect(run).rejects.toThrow("No such asset: plan9");
});
