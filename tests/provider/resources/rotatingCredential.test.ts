/** What a `RotatingCredential` does in time: see docs/rotation.md. */
import { account, exclusive, key, messagesOf, rotating, steps, useStack, errorOutput } from "../../support/stack";

const stack = useStack("test");

const program = (args: object = {}, options: object = {}) => ({
  deployer: account(),
  key: rotating(args, options),
});

test("rotates when it is due, keeps the previous credential, and revokes it later", async () => {
  await stack.apply(program({ rotateAfter: "30d", keepPreviousFor: "7d" }));
  const first = await stack.outputs("key");
  expect(first["id"]).toMatch(/^rotating-credential-/);
  await stack.advance("29d");
  expect(steps(await stack.up())).toEqual([]);
  await stack.advance("1d");
  expect(steps(await stack.refresh())).toEqual([]);
  const preview = await stack.preview();
  console.log(messagesOf(preview));
  expect(steps(preview)).toEqual(["update key"]);
  const up = await stack.up();
  console.log(messagesOf(up));
  expect(steps(up)).toEqual(["update key"]);
  const second = await stack.outputs("key");
  expect(second).toMatchObject({
    id: first["id"],
    previousClientId: first["clientId"],
    previousClientSecret: first["clientSecret"],
  });
  console.log(second);
  expect(await stack.signsIn(second)).toBe(true);
  expect(await stack.signsIn(first)).toBe(true);
  expect(steps(await stack.up())).toEqual([]);
  await stack.advance("7d");
  const kept = await stack.up();
  console.log(messagesOf(kept), steps(kept));
  await stack.advance("2d");
  const last = await stack.up();
  console.log(messagesOf(last), steps(last));
  expect(await stack.signsIn(first)).toBe(false);
  console.log(await stack.outputs("key"), await stack.operations());
});
