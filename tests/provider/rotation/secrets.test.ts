/** The secrets of a `RotatingCredential` appear nowhere in clear: current, previous and pending ones. */
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { account, errorOutput, rotating, Stack } from "../../support/stack";

const when = (breach: string) => ({
  deployer: account(),
  key: rotating({ rotateWhenChanged: { breach: { secret: `reason-${breach}` } } }),
});

test("states, their copies and histories, and all that Pulumi prints", async () => {
  const stack = await Stack.open();
  const secrets = new Set<string>(["reason-1", "reason-2", "reason-3"]);
  await stack.intercept(async (_call, act) => {
    const response = await act();
    const { client_secret } = Object(response.body) as Record<string, string | undefined>;
    if (client_secret) secrets.add(client_secret);
    return response;
  });
  await stack.apply(when("1"));
  await stack.apply(when("2"));
  // The third one stays pending, with its secret, beside the other two.
  await stack.fault({ operation: "token", skip: 1, times: 9, status: 401 });
  const output = await errorOutput(stack.apply(when("3")));
  await stack.clearFaults();
  const outputs = await stack.outputs("key");
  for (const name of ["clientSecret", "previousClientSecret", "pendingClientSecret"])
    expect(secrets).toContain(outputs[name]);
  expect(secrets.size).toBe(6);
  await stack.refresh();
  await stack.preview();
  const entries = await readdir(stack.engine.stateFolder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const texts = await Promise.all(
    files.map((file) => readFile(path.join(file.parentPath, file.name), "latin1")),
  );
  const withResource = texts.filter((text) => text.includes("dynamic/keycard:RotatingCredential"));
  expect(withResource.length).toBeGreaterThan(1);
  const shown = [output, ...stack.log, ...texts].join("\n");
  expect([...secrets].filter((secret) => shown.includes(secret))).toEqual([]);
  await stack.close();
});
