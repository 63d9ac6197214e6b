import { readFile, watch } from "node:fs/promises";
import { join } from "node:path";
import { chooseEngine } from "./index";
import type { Project } from "./project";
import { makeProject } from "./project";
import { openStandIn } from "./standIn";

test("closing ends an operation that hangs, and its processes", async () => {
  const project = await makeProject();
  const engine = await openStandIn({ projectDir: project.folder });
  await project.declare({ resources: { a: { type: "Probe", args: { label: "a", fail: "hang" } } } });
  const called = callsInclude(project, '"create"');
  const up = engine.up().then(
    () => "succeeded",
    () => "failed",
  );
  await called;
  const host = Number(await readFile(join(project.folder, "host.pid"), "utf8"));
  expect(isRunning(host)).toBe(true);
  await engine.close();
  expect(await up).toBe("failed");
  expect(isRunning(host)).toBe(false);
  await project.remove();
}, 180_000);

describe("which engine runs", () => {
  const { ENGINE, PATH } = process.env;

  afterEach(() => {
    process.env["ENGINE"] = ENGINE ?? "";
    process.env["PATH"] = PATH;
  });

  test.each([
    ["a machine without Pulumi has the stand-in", "", "stand-in"],
    ["the stand-in can be asked for", "stand-in", "stand-in"],
  ])("%s", async (_, asked, name) => {
    process.env["ENGINE"] = asked;
    process.env["PATH"] = "/nowhere";
    expect(await chooseEngine()).toBe(name);
  });

  test.each([
    [
      "the real engine, asked for where it isn't, is missed by name",
      "pulumi",
      /^Not on the PATH: pulumi, .*nodejs/,
    ],
    [
      "an engine that does not exist is refused",
      "terraform",
      /^ENGINE is "terraform"; it may be "pulumi" or/,
    ],
  ])("%s", async (_, asked, message) => {
    process.env["ENGINE"] = asked;
    process.env["PATH"] = "/nowhere";
    await expect(chooseEngine()).rejects.toThrow(message);
  });
});

/** Waits until the probe was asked for something. */
async function callsInclude(project: Project, text: string): Promise<void> {
  const path = join(project.folder, "calls.jsonl");
  for await (const { filename } of watch(project.folder)) {
    if (filename === "calls.jsonl" && (await readFile(path, "utf8")).includes(text)) return;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
