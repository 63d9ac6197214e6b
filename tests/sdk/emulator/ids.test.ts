import { newId, newSecret } from "../../../dist/sdk/emulator/ids";

const many = <T>(make: () => T) => Array.from({ length: 5_000 }, make);

test("secrets begin with a letter or a digit, so that they can be pasted into shell commands", () => {
  const secrets = many(newSecret);
  for (const secret of secrets) expect(secret).toMatch(/^[A-Za-z0-9][\w-]{42}$/);
  expect(new Set(secrets).size).toBe(secrets.length);
});

test("IDs are 26 lower-case letters and digits", () => {
  for (const id of many(newId)) expect(id).toMatch(/^[a-z2-7]{26}$/);
});
