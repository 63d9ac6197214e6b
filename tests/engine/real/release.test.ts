/** The native provider as a release offers it for this platform: on Linux, an executable that needs no Node. */
import { once } from "node:events";
import { createReadStream } from "node:fs";
import { readdir, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import path from "node:path";
import { version } from "../../../package.json";
import { checkout, command } from "../../package/project";
import { Plugin } from "../../support/plugin";
import { keycardOf } from "../keycard";
import { useShellProject } from "./shell";

const { emulator, project } = useShellProject();

/** Serves the files of a folder, as a release page does. */
async function serve(folder: string) {
  const server = createServer((request, response) => {
    const file = path.join(folder, path.basename(request.url ?? ""));
    stat(file).then(
      ({ size }) => createReadStream(file).pipe(response.setHeader("Content-Length", size)),
      () => response.writeHead(404).end(),
    );
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  return server;
}

test("Pulumi downloads it from a server, and it creates resources", async () => {
  const folder = path.join(project.folder, "release");
  const platform = `${process.platform}-${process.arch === "x64" ? "amd64" : process.arch}`;
  await command(checkout, "node", "sdk/release.mjs", "--folder", folder, platform);
  const server = await serve(folder);
  const { port } = server.address() as AddressInfo;
  await project.run(`pulumi plugin install resource keycard ${version} --server http://127.0.0.1:${port}`);
  server.close();

  const plugin = path.join(project.folder, ".pulumi-home/plugins", `resource-keycard-v${version}`);
  const standalone = process.platform === "linux";
  const licences = ["LICENSE", ...(standalone ? ["LICENSE-node"] : []), "THIRD-PARTY-NOTICES"];
  expect((await readdir(plugin)).sort()).toEqual([...licences, "pulumi-resource-keycard"]);
  const env = standalone ? { PATH: "" } : process.env;
  const started = await Plugin.start({}, { executable: path.join(plugin, "pulumi-resource-keycard"), env });
  expect((await started.schema()).version).toBe(version);
  await started.close();

  const program = `const keycard = require("pulumi-keycard/native");\nnew keycard.ServiceAccount("deployer");\n`;
  await writeFile(path.join(project.folder, "index.js"), program);
  expect(await project.run("pulumi up --yes --skip-preview")).toContain("+ 2 created");
  const { items } = await keycardOf(emulator).list(emulator.organizationId);
  expect(items.map(({ name }) => name)).toEqual(["deployer"]);
}, 360_000);
