/** The tour, the README's main job, on the supported versions of Node that do not run the suites. */
import path from "node:path";
import { command, install, removeFolder, temporaryFolder, writeFiles } from "../package/project";

const running = process.versions.node.split(".")[0];
const versions = ["20", "22", "24"].filter((version) => version !== running);

let folder: string;
beforeAll(async () => {
  folder = await temporaryFolder();
  await writeFiles(folder, { "package.json": { name: "nodes", private: true } });
  // Node itself comes as an npm package, one for each platform.
  const node = `node-${process.platform}-${process.arch}`;
  await install(folder, ...versions.map((version) => `node-${version}@npm:${node}@${version}`));
});
afterAll(() => removeFolder(folder));

test.each(versions)(
  "the tour passes on Node %s, without a warning",
  async (version) => {
    const bin = path.join(folder, `node_modules/node-${version}/bin`);
    const { stdout, stderr } = await command(
      path.join(__dirname, "../.."),
      "env",
      `PATH=${bin}${path.delimiter}${String(process.env["PATH"])}`,
      "PULUMI_NODEJS_TRANSPILE_ONLY=true", // Types do not depend on the version, and lint has checked them.
      "node",
      "tests/tour/run.js",
    );
    expect(stdout).toContain(`Node ${version}.`);
    expect(stdout).toContain("Everything held.");
    expect(stdout + stderr).not.toMatch(/warn/i);
  },
  180_000,
);
