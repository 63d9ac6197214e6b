/** The tarball that users install. */
import { readdir, stat } from "node:fs/promises";
import path from "node:path";
import { command, pack, removeFolder, temporaryFolder, writeFiles } from "./project";

let folder: string;
let tarball: string;

beforeAll(async () => {
  folder = await temporaryFolder();
  tarball = await pack(folder);
}, 300_000);

afterAll(() => removeFolder(folder));

test("contains what users need, and nothing of the tests or the examples", async () => {
  const { stdout } = await command(folder, "tar", "-tzf", tarball);
  const paths = stdout
    .trim()
    .split("\n")
    .map((name) => name.replace(/^package\//, ""));
  expect(paths.filter((name) => !/^dist\/(provider|sdk)\/.*\.(js|d\.ts)$/.test(name)).sort()).toEqual([
    "CHANGELOG.md",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "THIRD-PARTY-NOTICES",
    "dist/plugin/pulumi-resource-keycard",
    "dist/plugin/pulumi-resource-keycard.cmd",
    "docs/adopt.md",
    "docs/bad-input.md",
    "docs/drift.md",
    "docs/drift.schema.json",
    "docs/emulator.md",
    "docs/faults.md",
    "docs/images/drift.svg",
    "docs/images/preview.svg",
    "docs/images/rotation.svg",
    "docs/layouts.md",
    "docs/native.md",
    "docs/reference.md",
    "docs/rotation.md",
    "docs/testing.md",
    "docs/troubleshooting.md",
    "package.json",
  ]);
});

test("installing it adds one package", async () => {
  await writeFiles(folder, { "package.json": { name: "empty", private: true } });
  const { stdout } = await command(folder, "npm", "install", "--omit=peer", "--json", tarball);
  expect(JSON.parse(stdout)).toMatchObject({ added: 1 });
  const files = await readdir(path.join(folder, "node_modules"), { recursive: true, withFileTypes: true });
  const plugin = path.join(folder, "node_modules/pulumi-keycard/dist/plugin/pulumi-resource-keycard");
  expect((await stat(plugin)).mode & 0o111).toBe(0o111);
  const sizes = files
    .filter((file) => file.isFile())
    .map((file) => stat(path.join(file.parentPath, file.name)));
  const bytes = (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThan(5e6);
});
