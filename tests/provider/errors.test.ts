/** The advice in errors fits the operation and what responded. */
import { account, errorOutput, key, useStack } from "../support/stack";

const stack = useStack("test");

test("a credential for an account that was deleted by hand: the advice is to refresh", async () => {
  await stack.apply({ deployer: account() });
  await stack.deleteByHand("deployer");
  const output = await errorOutput(stack.apply({ deployer: account(), key: key() }));
  expect(output).toContain("If the account was deleted outside of Pulumi, run `pulumi refresh`");
  await stack.refresh();
  expect((await stack.up()).changes).toEqual({ create: 2, same: 1 });
});

test("a 404 of a proxy: the advice is to check the endpoint, not to refresh", async () => {
  await stack.apply({ deployer: account() });
  await stack.intercept((call, act) =>
    call.path.endsWith("-token") ? act() : Promise.resolve({ status: 404, body: "<html>not found</html>" }),
  );
  await stack.up().catch(() => undefined); // A refresh uses the settings of the last up.
  const output = await errorOutput(stack.refresh());
  expect(output).toContain("The response is not Keycard's. Check that keycard:endpoint");
  expect(output).not.toContain("run `pulumi refresh`");
});
