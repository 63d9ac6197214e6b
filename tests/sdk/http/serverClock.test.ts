import { ACCOUNT, ORG, clientAt, respondJson, useServer } from "../../support/client";

const server = useServer();

/** Makes a call to which the server responds with this Date, and returns its client. */
async function clientThatHasSeen(date: string | undefined) {
  server.respond = (_request, response) => {
    response.sendDate = false;
    respondJson(response, 200, ACCOUNT, date === undefined ? {} : { date });
  };
  const client = clientAt(server);
  expect(client.serverTime).toBeUndefined();
  await client.organizations.serviceAccounts.retrieve(ACCOUNT.id, ORG);
  return client;
}

test("the server's time is known after its first response, and advances", async () => {
  const client = await clientThatHasSeen("Sun, 06 Nov 1994 08:49:37 GMT");
  const first = Number(client.serverTime);
  expect(new Date(first).toISOString()).toMatch(/^1994-11-06T08:/);
  expect(client.serverTime).toBeGreaterThanOrEqual(first);
});

test.each([undefined, "noon", "Fri, 31 Dec 99999 23:59:59 GMT"])(
  "a server whose Date is %s has no known time",
  async (date) => {
    expect((await clientThatHasSeen(date)).serverTime).toBeUndefined();
  },
);
