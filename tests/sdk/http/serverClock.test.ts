import { KeycardAPI } from "pulumi-keycard/sdk";
import { ACCOUNT, respondJson, serve } from "../../support/client";
import type { TestServer } from "../../support/client";

let server: TestServer;
afterEach(() => server.close());

async function clientOfServerWithDate(date: string | undefined): Promise<KeycardAPI> {
  server = await serve((_request, response) => {
    response.sendDate = false;
    respondJson(response, 200, ACCOUNT, date === undefined ? {} : { date });
  });
  return new KeycardAPI({ baseURL: server.endpoint, apiKey: "key" });
}

const retrieve = (client: KeycardAPI) =>
  client.organizations.serviceAccounts.retrieve(ACCOUNT.id, { organization_id: "acme" });

test("the server's time is known after its first response, and advances", async () => {
  const client = await clientOfServerWithDate("Sun, 06 Nov 1994 08:49:37 GMT");
  expect(client.serverTime).toBeUndefined();
  await retrieve(client);
  const first = Number(client.serverTime);
  expect(new Date(first).toISOString()).toMatch(/^1994-11-06T08:/);
  expect(client.serverTime).toBeGreaterThanOrEqual(first);
});

test.each([undefined, "noon", "Fri, 31 Dec 99999 23:59:59 GMT"])(
  "a server whose Date is %s has no known time",
  async (date) => {
    const client = await clientOfServerWithDate(date);
    await retrieve(client);
    expect(client.serverTime).toBeUndefined();
  },
);
