/** Bad input is refused before any call, all of it at once, in sentences that say what would be right. */
import { account, credential, Stack, told } from "./stack";

let stack: Stack;
beforeAll(async () => {
  stack = await Stack.open();
});
afterAll(() => stack.close());

const known = "is not an input; the inputs are";

test.each([
  ["an empty name", account({ name: "" }), { name: "must not be empty" }],
  ["a name that is no text", account({ name: 42 }), { name: "must be a string, not a number" }],
  ["a name that is a list", account({ name: ["a"] }), { name: "must be a string, not a list" }],
  [
    "a long description",
    account({ description: "é".repeat(501) }),
    { description: "must have at most 500 characters; it has 501" },
  ],
  [
    "a description that is an object",
    account({ description: {} }),
    { description: "must be a string, not an object" },
  ],
  ["an empty organization", account({ organizationId: "" }), { organizationId: "must not be empty" }],
  [
    "a long organization",
    account({ organizationId: "o".repeat(256) }),
    { organizationId: "must have at most 255 characters; it has 256" },
  ],
  [
    "a misspelt input",
    account({ descripton: "" }),
    { descripton: `${known} name, description, organizationId and adopt` },
  ],
  [
    "no account",
    credential({}),
    { serviceAccountId: "is missing: give the account's id, as in `account.id`" },
  ],
  ["an empty account", credential({ serviceAccountId: "" }), { serviceAccountId: "must not be empty" }],
  [
    "an account that is no text",
    credential({ serviceAccountId: true }),
    { serviceAccountId: "must be a string, not a boolean" },
  ],
  [
    "an input that is an output",
    credential({ serviceAccountId: "a", clientId: "mine" }),
    { clientId: `${known} serviceAccountId, name, description, organizationId, adopt and clientSecret` },
  ],
  ["an adoption of no ID", account({ adopt: ".." }), { adopt: "must be just as Keycard gave it" }],
  ["an adoption that is a number", account({ adopt: 1 }), { adopt: "must be a string, not a number" }],
  [
    "an adopted credential without its secret",
    credential({ serviceAccountId: "a", adopt: "b" }),
    { adopt: "needs clientSecret, too" },
  ],
  [
    "a secret without adoption",
    credential({ serviceAccountId: "a", clientSecret: "hush" }),
    { "": "clientSecret goes with adopt only" },
  ],
  [
    "a secret that is no text",
    credential({ serviceAccountId: "a", adopt: "b", clientSecret: ["hush"] }),
    { "": "clientSecret must be a string, not a list" },
  ],
  [
    "several at once",
    credential({ serviceAccountId: "", name: "", description: "x".repeat(600), colour: "red" }),
    {
      serviceAccountId: "must not be empty",
      name: "must not be empty",
      description: "must have at most 500 characters; it has 600",
      colour: `${known} serviceAccountId, name, description, organizationId, adopt and clientSecret`,
    },
  ],
])("%s is refused", async (_what, declared, reasons) => {
  await stack.declare({ wrong: declared });
  const messages = told(await stack.up().catch((error: unknown) => error));
  for (const [property, reason] of Object.entries(reasons)) {
    expect(messages).toContain(property);
    expect(messages).toContain(reason);
  }
  expect(messages).not.toContain("hush");
  expect(await stack.requests()).toEqual([]);
});

test("what is right at its limits is accepted", async () => {
  await stack.declare({
    longest: account({ name: "n".repeat(1000), description: "é".repeat(500) }),
    key: credential({ serviceAccountId: "${longest.id}", description: "" }),
  });
  expect((await stack.up()).changes).toMatchObject({ create: expect.any(Number) as number });
  expect((await stack.up()).changes).toEqual({ same: 3 });
});
