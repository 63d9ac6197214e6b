/** A server repeats the request's secrets in every part of a response: no error and no log line contains them. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import type { ClientOptions, ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, accountsAt, clientAt, errorOf, isSignIn, printed } from "../../support/client";
import { recordingLogger, reply, respondJson, useServer } from "../../support/client";

const CLIENT_SECRET = "cl1ent-s3cret/+&=";
const TOKEN = "t0ken-of-the-sign-in";
const API_KEY = "ready-made-t0ken";
const NEW_SECRET = "s3cret-that-is-just-made";
const BASIC = Buffer.from(`id:${CLIENT_SECRET}`).toString("base64");
const SECRETS = [CLIENT_SECRET, encodeURIComponent(CLIENT_SECRET), TOKEN, API_KEY, NEW_SECRET, BASIC];

const pair = { clientID: "id", clientSecret: CLIENT_SECRET };
const colon = { clientID: "i:d", clientSecret: CLIENT_SECRET };
const key = { apiKey: API_KEY };

type Echo = (response: ServerResponse, sent: string) => void;

/** All parts of a response that can repeat the request. */
const places: Record<string, Echo> = {
  "the message and the code of an error": (response, sent) =>
    respondJson(response, 400, { message: sent, code: sent, status: 400 }),
  "an error of OAuth": (response, sent) =>
    respondJson(response, 401, { error: sent, error_description: sent, error_uri: sent }),
  "an error that has other types": (response, sent) =>
    respondJson(response, 422, { message: { [sent]: sent }, code: [sent], status: sent }),
  "a page of HTML": (response, sent) => void response.writeHead(502).end(`<html>${sent}</html>`),
  "the headers": (response, sent) =>
    void response
      .writeHead(403, sent.slice(0, 50), {
        "retry-after": sent,
        location: sent,
        "www-authenticate": sent,
        "x-client-request-id": sent,
      })
      .end(),
  "a redirect": (response, sent) => void response.writeHead(307, { location: `https://${sent}` }).end(),
  "text that is not JSON": (response, sent) => void response.writeHead(200).end(`{"client_secret": ${sent}`),
  "a list": (response, sent) => respondJson(response, 200, [sent]),
  "values of another type, and keys": (response, sent) =>
    respondJson(response, 200, { [sent]: sent, id: { [sent]: sent }, access_token: [sent], items: sent }),
  permissions: (response, sent) =>
    respondJson(response, 200, { ...ACCOUNT, client_id: "c", permissions: { [sent]: { [sent]: sent } } }),
  "an invalid ID and other fields": (response, sent) =>
    respondJson(response, 200, { ...ACCOUNT, id: sent, name: sent, token_type: sent, expires_in: sent }),
  "a truncated response": (response, sent) => {
    response.writeHead(200, { "content-length": 10_000 }).write(sent, () => response.destroy());
  },
  "invalid HTTP": (response, sent) => void response.socket?.end(`${sent}\r\n\r\n`),
};

let echo: Echo;
let signInFails: boolean;
const server = useServer(async (request, response) => {
  if (isSignIn(request) && !signInFails)
    return respondJson(response, 200, { access_token: TOKEN, token_type: "Bearer", expires_in: 60 });

  echo(response, `${await contentOf(request)} {"client_secret":"${NEW_SECRET}"}`);
});

/** Returns the request's content, as received and decoded, in one line. */
async function contentOf(request: IncomingMessage): Promise<string> {
  const { authorization = "", ...headers } = request.headers;
  const decoded = Buffer.from(authorization.replace("Basic ", ""), "base64").toString("latin1");
  const all = [authorization, decoded, JSON.stringify(headers), await text(request)];
  return all.join(" ").replace(/[^ -~]/g, "");
}

const calls: ((them: ServiceAccounts) => PromiseLike<unknown>)[] = [
  (them) => them.create("acme", { name: "a" }),
  (them) => them.list("acme"),
  (them) => them.retrieve("sa1", ORG),
  (them) => them.credentials.create("sa1", { ...ORG, name: "a" }),
  (them) => them.credentials.update("c1", { ...ORG, service_account_id: "sa1", name: "a" }),
];

test.each(Object.entries(places))(
  "no error or log line contains a secret where %s repeats it",
  async (_where, place) => {
    echo = place;
    const { lines, logger } = recordingLogger();
    for (const [identity, fails] of [
      [pair, false],
      [pair, true],
      [colon, true],
      [key, false],
    ] as [ClientOptions, boolean][]) {
      signInFails = fails;
      const client = clientAt(server, { maxRetries: 0, logLevel: "debug", logger, ...identity });
      for (const call of calls) {
        const error = await errorOf(call(client.organizations.serviceAccounts));
        const deep = { down: [new Error("x", { cause: error })] };
        lines.push(printed(error), printed(client), printed({ deep }));
      }
    }
    const everything = lines.join("\n");
    expect(everything).toContain("keycard: POST /");
    expect(SECRETS.filter((secret) => everything.includes(secret))).toEqual([]);
  },
);

test.each([
  ["secret", 'the [secret] "[secret]", client_secret=[secret]'],
  ["e", 'the secret "secret", client_secret=[secret]'],
])(
  "each occurrence of the key %s is replaced once, and a text with a key of one character stays readable",
  async (apiKey, expected) => {
    server.respond = reply(400, { message: 'the secret "secret", client_secret=made', code: "bad" });
    const error = await errorOf(accountsAt(server, { apiKey }).list("acme"));
    expect(error.message).toContain(`status 400: bad: ${expected} (`);
  },
);
