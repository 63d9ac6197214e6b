/** A call that many others wait for is as patient with a status 429 as any other. */
import { account, useStack } from "../../support/stack";

const stack = useStack("emptied");

test.each(["token", "listServiceAccounts", "createServiceAccount"] as const)(
  "20 accounts are created although %s is refused with 429 three times",
  async (operation) => {
    await stack.fault({ operation, times: 3, status: 429, retryAfter: 1 });
    const names = Array.from({ length: 20 }, (_, index) => `account${index}`);
    const { changes } = await stack.apply(Object.fromEntries(names.map((name) => [name, account()])));
    expect(changes).toEqual({ create: 21 });
    expect((await stack.accounts()).length).toBe(20);
  },
);
