/** No secret is told, whatever a server repeats of what it was sent, and wherever in its answer. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { KeycardAPI } from "pulumi-keycard/sdk";
import type { ClientOptions, ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, answerJson, errorOf, printed, serve } from "../../support/client";
import type { OwnServer } from "../../support/client";

const CLIENT_SECRET = "cl1ent-s3cret/+&=";
const TOKEN = "t0ken-of-the-sign-in";
const API_KEY = "ready-made-t0ken";
const NEW_SECRET = "s3cret-that-is-just-made";
const BASIC = Buffer.from(`id:${CLIENT_SECRET}`).toString("base64");
const SECRETS = [CLIENT_SECRET, encodeURIComponent(CLIENT_SECRET), TOKEN, API_KEY, NEW_SECRET, BASIC];

const pair = { clientID: "id", clientSecret: CLIENT_SECRET };
const colon = { clientID: "i:d", clientSecret: CLIENT_SECRET };
const key = { apiKey: API_KEY };

type Echo = (response: ServerResponse, told: string) => void;

/** All places of an answer in which what was sent can be repeated. */
const places: Record<string, Echo> = {
  "the message and the code of an error": (response, told) =>
    answerJson(response, 400, { message: told, code: told, status: 400 }),
  "an error of OAuth": (response, told) =>
    answerJson(response, 401, { error: told, error_description: told, error_uri: told }),
  "an error that has other types": (response, told) =>
    answerJson(response, 422, { message: { [told]: told }, code: [told], status: told }),
  "a page of HTML": (response, told) => void response.writeHead(502).end(`<html>${told}</html>`),
  "the headers": (response, told) =>
    void response
      .writeHead(403, told.slice(0, 50), {
        "retry-after": told,
        location: told,
        "www-authenticate": told,
        "x-client-request-id": told,
      })
      .end(),
  "a redirect": (response, told) => void response.writeHead(307, { location: `https://${told}` }).end(),
  "text that is no JSON": (response, told) => void response.writeHead(200).end(`{"client_secret": ${told}`),
  "a list": (response, told) => answerJson(response, 200, [told]),
  "values of another type, and keys": (response, told) =>
    answerJson(response, 200, { [told]: told, id: { [told]: told }, access_token: [told], items: told }),
  permissions: (response, told) =>
    answerJson(response, 200, { ...ACCOUNT, client_id: "c", permissions: { [told]: { [told]: told } } }),
  "an ID that is none, and what stands beside it": (response, told) =>
    answerJson(response, 200, { ...ACCOUNT, id: told, name: told, token_type: told, expires_in: told }),
  "an answer that breaks off": (response, told) => {
    response.writeHead(200, { "content-length": 10_000 }).write(told, () => response.destroy());
  },
  "what is not even HTTP": (response, told) => void response.socket?.end(`${told}\r\n\r\n`),
};

let server: OwnServer;
let echo: Echo;
let signInFails: boolean;
beforeAll(async () => {
  server = await serve(async (request, response) => {
    if (request.url === "/service-account-token" && !signInFails) {
      return answerJson(response, 200, { access_token: TOKEN, token_type: "Bearer", expires_in: 60 });
    }
    echo(response, `${await sentWith(request)} {"client_secret":"${NEW_SECRET}"}`);
  });
});
afterAll(() => server.close());

/** What a request holds, as it came and decoded, in one line. */
async function sentWith(request: IncomingMessage): Promise<string> {
  const { authorization = "", ...headers } = request.headers;
  const decoded = Buffer.from(authorization.replace("Basic ", ""), "base64").toString("latin1");
  const all = [authorization, decoded, JSON.stringify(headers), await text(request)];
  return all.join(" ").replace(/[^ -~]/g, "");
}

const organization_id = "acme";
const calls: ((them: ServiceAccounts) => PromiseLike<unknown>)[] = [
  (them) => them.create("acme", { name: "a" }),
  (them) => them.list("acme"),
  (them) => them.retrieve("sa1", { organization_id }),
  (them) => them.credentials.create("sa1", { organization_id, name: "a" }),
  (them) => them.credentials.update("c1", { organization_id, service_account_id: "sa1", name: "a" }),
];

test.each(Object.entries(places))("not where %s repeats it", async (_where, place) => {
  echo = place;
  const printedOut: string[] = [];
  const log = (line: string) => void printedOut.push(line);
  const logger = { error: log, warn: log, info: log, debug: log };
  for (const [identity, fails] of [
    [pair, false],
    [pair, true],
    [colon, true],
    [key, false],
  ] as [ClientOptions, boolean][]) {
    signInFails = fails;
    const options = { baseURL: server.endpoint, maxRetries: 0, logLevel: "debug", logger } as const;
    const client = new KeycardAPI({ ...options, ...identity });
    for (const call of calls) {
      const error = await errorOf(Promise.resolve(call(client.organizations.serviceAccounts)));
      printedOut.push(
        printed(error),
        printed(client),
        printed({ deep: { down: [new Error("x", { cause: error })] } }),
      );
    }
  }
  const everything = printedOut.join("\n");
  expect(everything).toContain("keycard: POST /");
  expect(SECRETS.filter((secret) => everything.includes(secret))).toEqual([]);
});
