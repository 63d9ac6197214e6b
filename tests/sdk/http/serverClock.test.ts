import { KeycardAPI } from "pulumi-keycard/sdk";
import { ACCOUNT, answerJson, serve } from "../../support/client";
import type { OwnServer } from "../../support/client";

let server: OwnServer;
afterEach(() => server.close());

async function clientOfServerThatTells(date: string | undefined): Promise<KeycardAPI> {
  server = await serve((_request, response) => {
    response.sendDate = false;
    answerJson(response, 200, ACCOUNT, date === undefined ? {} : { date });
  });
  return new KeycardAPI({ baseURL: server.endpoint, apiKey: "key" });
}

const retrieve = (client: KeycardAPI) =>
  client.organizations.serviceAccounts.retrieve(ACCOUNT.id, { organization_id: "acme" });

test("the server's clock is known from its first answer on, and goes on from there", async () => {
  const client = await clientOfServerThatTells("Sun, 06 Nov 1994 08:49:37 GMT");
  expect(client.serverTime).toBeUndefined();
  await retrieve(client);
  const told = Number(client.serverTime);
  expect(new Date(told).toISOString()).toMatch(/^1994-11-06T08:/);
  expect(client.serverTime).toBeGreaterThanOrEqual(told);
});

test.each([undefined, "noon", "Fri, 31 Dec 99999 23:59:59 GMT"])(
  "a server that tells %s as its date has no clock",
  async (date) => {
    const client = await clientOfServerThatTells(date);
    await retrieve(client);
    expect(client.serverTime).toBeUndefined();
  },
);
