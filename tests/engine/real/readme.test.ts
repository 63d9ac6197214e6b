/** The README's "Use it", typed word for word: from the packed package to a first `pulumi up`. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile } from "node:fs/promises";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join, resolve } from "node:path";
import { devDependencies } from "../../../package.json";
import { pack, removeFolder, temporaryFolder, writeFiles } from "../../package/project";
import { signsIn } from "../keycard";
import { orFail, shellIn } from "./shell";

let folder: string;
let emulator: ChildProcess | undefined;
beforeAll(async () => {
  folder = await temporaryFolder();
});
afterAll(async () => {
  // npx runs the emulator in a shell: the whole group ends.
  if (emulator?.pid !== undefined) process.kill(-emulator.pid);
  await removeFolder(folder);
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

test("a new user gets from an empty project to a first up, with the README's program and commands", async () => {
  const readme = await readFile(resolve(__dirname, "../../../README.md"), "utf8");
  const useIt = /^## Use it\n(.*?)^## /ms.exec(readme)?.[1] ?? "";
  const [first = "", second = ""] = [...useIt.matchAll(/```sh\n(.*?)```/gs)].map(([, commands]) => commands);
  const [installation = "", ...configuration] = first.trim().split("\n");
  const start = second.trim();
  expect(installation).toBe("npm install pulumi-keycard @pulumi/pulumi");
  expect(start).toBe("npx pulumi-keycard emulator --print config");
  expect(configuration.at(-1)).toBe("pulumi up");

  const project = join(folder, "project");
  const backend = join(folder, "backend");
  await mkdir(backend);
  await writeFiles(project, {
    "package.json": { name: "fresh", private: true, main: "index.ts" },
    "Pulumi.yaml": "name: fresh\nruntime: nodejs\n",
    "tsconfig.json": { compilerOptions: { strict: true, target: "ES2022", module: "node16" } },
    "index.ts": /```ts\n(.*?)```/s.exec(readme)?.[1] ?? "",
  });
  const run = orFail(shellIn(project, { PULUMI_BACKEND_URL: `file://${backend}` }));
  // What `pulumi new typescript` brings along.
  await run(
    `npm install typescript@${devDependencies.typescript} @types/node@${devDependencies["@types/node"]}`,
  );
  // Until the package is on the npm registry, what the README says to install in its place; and the version of Pulumi that is tested.
  const tarball = await pack(folder);
  const packages = `${tarball} @pulumi/pulumi@${devDependencies["@pulumi/pulumi"]}`;
  await run(installation.replace("pulumi-keycard @pulumi/pulumi", packages));
  await run("pulumi stack init dev");

  const port = String(await freePort());
  const [command = "", ...args] = `${start} --port ${port}`.split(" ");
  emulator = spawn(command, args, { cwd: project, detached: true, stdio: ["ignore", "pipe", "inherit"] });
  const [printed] = (await once(emulator.stdout as NodeJS.ReadableStream, "data")) as [Buffer];

  // Without an emulator, the first block's lines; a secret is typed where the command asks for it.
  for (const line of configuration.slice(0, -1))
    await run(line.replace("<client ID>", "an-id"), "a-secret\n");
  for (const line of String(printed).trim().split("\n")) await run(line);
  const upOutput = await run("pulumi up --yes");
  expect(upOutput).not.toMatch(/warning|deprecat/i);

  const outputs = JSON.parse(await run("pulumi stack output --json --show-secrets")) as {
    clientId: string;
    clientSecret: string;
  };
  expect(await signsIn(`http://127.0.0.1:${port}`, outputs)).toBe(true);
  await run("pulumi destroy --yes");
  expect(await signsIn(`http://127.0.0.1:${port}`, outputs)).toBe(false);
}, 360_000);
