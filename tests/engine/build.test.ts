import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";

const script = resolve(__dirname, "real/build.js");

async function build(args: string[], env: Record<string, string>) {
  const run = promisify(execFile)(process.execPath, [script, ...args], { env });
  return run.then(
    () => "built",
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  );
}

test("npm run engine says in one line that Go is missing", async () => {
  const stderr =
    "Go is not on the PATH. Install Go 1.26 or later (https://go.dev/dl/), then run npm run engine again.\n";
  expect(await build([], { PATH: "/nowhere" })).toEqual({ code: 1, stdout: "", stderr });
});

test("npm run engine refuses an argument that is not a version", async () => {
  const stderr = '--version must be like 3.260.0, not "latest"\n';
  expect(await build(["--version", "latest"], {})).toEqual({ code: 1, stdout: "", stderr });
});
