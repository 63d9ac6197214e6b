import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { Gate } from "./gate";
import { chooseEngine } from "./index";
import { makeProject } from "./project";
import { openStandIn } from "./standIn";

test("closing ends a blocked operation and its processes", async () => {
  const project = await makeProject();
  const engine = await openStandIn({ projectDir: project.folder });
  const gate = await Gate.open();
  const args = { label: "a", waitFor: { create: gate.url } };
  await project.declare({ resources: { a: { type: "Probe", args } } });
  const up = engine.up().then(
    () => "succeeded",
    () => "failed",
  );
  const [host = 0] = await gate.arrivals(1);
  expect(isRunning(host)).toBe(true);
  await engine.close();
  expect(await up).toBe("failed");
  expect(isRunning(host)).toBe(false);
  gate.close();
  await project.remove();
}, 180_000);

test("a provider host ends when its parent has ended", async () => {
  const host = fork(join(__dirname, "standIn/hostProcess.js"), ["pulumi-nodejs"], { silent: true });
  host.send({ engine: "127.0.0.1:1", env: process.env });
  if (host.stdout) await once(host.stdout, "data");
  host.disconnect();
  expect(await once(host, "exit")).toEqual([1, null]);
});

describe("which engine runs", () => {
  const { ENGINE, PATH } = process.env;

  afterEach(() => {
    process.env["ENGINE"] = ENGINE ?? "";
    process.env["PATH"] = PATH;
  });

  test.each([
    ["a machine without Pulumi uses the stand-in", "", "stand-in"],
    ["ENGINE=stand-in selects the stand-in", "stand-in", "stand-in"],
  ])("%s", async (_, requested, name) => {
    process.env["ENGINE"] = requested;
    process.env["PATH"] = "/nowhere";
    expect(await chooseEngine("/nowhere")).toBe(name);
  });

  test.each([
    [
      "ENGINE=pulumi without the real engine names what is missing",
      "pulumi",
      /^Not on the PATH: pulumi, .*nodejs/,
    ],
    ["an unknown engine is rejected", "terraform", /^ENGINE is "terraform"; it may be "pulumi" or/],
  ])("%s", async (_, requested, message) => {
    process.env["ENGINE"] = requested;
    process.env["PATH"] = "/nowhere";
    await expect(chooseEngine("/nowhere")).rejects.toThrow(message);
  });
});

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
