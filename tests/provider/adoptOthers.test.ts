/** Adoption never takes, nor deletes, what another resource has. */
import { account, credential, Stack, told } from "./stack";

let stack: Stack;
let organization: { organization_id: string };
beforeEach(async () => {
  stack = await Stack.open();
  organization = { organization_id: stack.emulator.organizationId };
});
afterEach(() => stack.close());

const ids = async () => (await stack.accounts()).map(({ id }) => id);

test("an account that another resource has is not taken over because that one comes later", async () => {
  await stack.declare({ a: account({ name: "x" }) });
  await stack.up();
  await stack.declare({
    b: account({ name: "x", adopt: true }),
    a: account({ name: "x", description: "${b.id}" }),
  });
  // The host cannot know of it in time; but it must not end well, with two resources that delete one account.
  expect(told(await stack.up().catch((error: unknown) => error))).toContain("taken over");
});

test("of two of a name, the one that a kill lost is taken over although the other is in the state", async () => {
  const twin = { name: "x", adopt: true };
  await stack.declare({ a: account(twin) });
  await stack.up();
  await stack.keycard.create(organization.organization_id, { name: "x" });
  await stack.declare({ a: account(twin), b: account(twin) });
  await stack.up();
  expect((await ids()).length).toBe(2);
});

test("an adopted credential whose account is deleted before it is replaced is made anew", async () => {
  const made = await stack.keycard.create(organization.organization_id, { name: "x" });
  const key = await stack.keycard.credentials.create(made.id, { ...organization, name: "key" });
  const declare = (replacementTrigger: string) =>
    stack.declare({
      a: account({ name: "x", adopt: made.id }, { replacementTrigger, deleteBeforeReplace: true }),
      key: credential({ serviceAccountId: "${a.id}", adopt: key.id, clientSecret: key.client_secret }),
    });
  await declare("one");
  await stack.up();
  await declare("two");
  await stack.up().catch(told);
  expect(await stack.signsIn("key")).toBe(true);
});
