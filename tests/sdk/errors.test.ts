import { APIError, KeycardError, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, TOKEN, clientAt, errorOf, isSignIn, loggerTo, printed } from "../support/client";
import { recordingLogger, reply, useServer } from "../support/client";

const PAIR = { clientID: "the-client", clientSecret: "s3cret/with+signs &more" };
const API_KEY = "ready-made-t0ken";
const BASIC = Buffer.from(`${PAIR.clientID}:${PAIR.clientSecret}`).toString("base64");
const SECRETS = [
  PAIR.clientSecret,
  encodeURIComponent(PAIR.clientSecret),
  TOKEN.access_token,
  API_KEY,
  BASIC,
  "gateway-pass",
];

// Responds to token requests with success, unless `signInFails`, and to all others with `respond`.
let respond = reply(200, ACCOUNT);
let signInFails: boolean;
const server = useServer((request, response) => {
  const given = isSignIn(request) && !signInFails ? reply(200, TOKEN) : respond;
  given(request, response);
});

const { lines, logger } = recordingLogger();
beforeEach(() => {
  respond = reply(200, ACCOUNT);
  signInFails = false;
  lines.splice(0);
});

function client(options: ClientOptions = {}) {
  const identity = options.apiKey === undefined ? PAIR : {};
  const defaultHeaders = { "X-Gateway-Token": "gateway-pass" };
  const base = { maxRetries: 0, logLevel: "debug", logger, defaultHeaders } as const;
  return clientAt(server, { ...base, ...identity, ...options });
}
const accounts = (options?: ClientOptions) => client(options).organizations.serviceAccounts;
const retrieve = (options?: ClientOptions) => accounts(options).retrieve(ACCOUNT.id, ORG);

function expectNoSecrets(...values: unknown[]): void {
  const everything = [...values.map(printed), ...lines].join("\n");
  for (const secret of SECRETS) expect(everything).not.toContain(secret);
}

test("an error contains method, path, status, the API's code and message, and the request ID", async () => {
  respond = reply(409, { message: "It is taken.", code: "taken", status: 409 });
  const error = (await errorOf(retrieve())) as APIError;
  expect(error).toBeInstanceOf(APIError);
  expect(error).toBeInstanceOf(KeycardError);
  const path = "/organizations/acme/service-accounts/sa1";
  const requestId = String(server.requests[1]?.headers["x-client-request-id"]);
  const fields = {
    name: "ConflictError",
    message: `GET ${path} failed: status 409: taken: It is taken (request ID ${requestId})`,
    method: "GET",
    path,
    outcome: "rejected",
    status: 409,
    code: "taken",
    apiMessage: "It is taken.",
    requestId,
  };
  expect(error).toMatchObject(fields);
  expect(JSON.parse(JSON.stringify(error))).toEqual(fields);
});

test.each([
  ["a page of HTML", "<html>Bad gateway</html>"],
  ["nothing", ""],
  ["JSON that is no error", [1, 2]],
  ["null", null],
])("an error whose body is %s still contains the status", async (_what, body) => {
  respond = reply(502, body);
  const error = await errorOf(retrieve());
  expect(error).toMatchObject({ name: "InternalServerError", status: 502 });
  expect(error.message).toContain("status 502 (request ID");
});

test("an error does not contain a secret that the server repeats", async () => {
  respond = reply(400, { message: SECRETS.join(" | "), code: `code-${TOKEN.access_token}`, status: 400 });
  const error = await errorOf(retrieve());
  expect(error.message).toContain("[secret] | [secret] | [secret]");
  expect(error).toMatchObject({ code: "code-[secret]" });
  expect(printed(await errorOf(retrieve({ apiKey: API_KEY })))).not.toContain(API_KEY);
  const message = `${PAIR.clientSecret} ${TOKEN.access_token} ${BASIC}`;
  respond = reply(400, { message, code: "x", status: 400 });
  expectNoSecrets(await errorOf(retrieve()));
});

test("an error contains neither encoded secrets nor those that the server has just created", async () => {
  const odd = 'o"d/ +é=';
  const spellings = [
    encodeURIComponent(odd),
    encodeURIComponent(odd).toLowerCase(),
    JSON.stringify(odd),
    Buffer.from(odd).toString("base64"),
  ];
  const message = `${spellings.join(" | ")} | {"client_secret":"just-made"}`;
  respond = reply(500, { message, code: "x", status: 500 });
  const error = await errorOf(retrieve({ apiKey: odd }));
  for (const spelling of [...spellings, "just-made"]) expect(printed(error)).not.toContain(spelling);
});

test("every refusal of a sign-in is a SignInError, a 404, too", async () => {
  signInFails = true;
  respond = reply(404, { message: "Nothing here", code: "not_found", status: 404 });
  expect(await errorOf(retrieve())).toMatchObject({ name: "SignInError", status: 404 });
});

test("a SignInError does not contain secrets that the server repeats", async () => {
  signInFails = true;
  respond = reply(401, { error: BASIC, error_description: `no: ${PAIR.clientSecret}` });
  const error = await errorOf(retrieve());
  expect(error.message).toContain("sign-in refused: status 401: [secret]: no: [secret]");
  expectNoSecrets(error);
});

test("an error does not contain secrets from the error of an injected fetch", async () => {
  const fetch = (_url: string, init: { headers: Record<string, string> }) =>
    Promise.reject(Object.assign(new Error(`failed: ${JSON.stringify(init.headers)}`), { request: init }));
  expectNoSecrets(await errorOf(retrieve({ fetch })), await errorOf(retrieve({ fetch, apiKey: API_KEY })));
});

test("an error's message is free of control characters and bounded in length", async () => {
  const message = `\u001b[31mred\r\nline ${"x".repeat(10_000)}`;
  respond = reply(400, { message, code: "a\nb", status: 400 });
  const error = await errorOf(retrieve());
  expect(error.message).toContain("a b");
  expect(error.message.length).toBeLessThan(1_000);
  expect(error.message).not.toMatch(/\p{Cc}/u);
});

test("the client itself prints no secret", () => {
  expectNoSecrets(client(), client({ apiKey: API_KEY }), client().organizations);
});

test("the debug log has a line for each attempt, without headers, bodies or secrets", async () => {
  respond = reply(200, { ...ACCOUNT, name: "a name nobody logs" });
  await retrieve();
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(
    /^keycard: POST \/service-account-token: 200 after \d+ ms \(request ID \S+, attempt 1\)$/,
  );
  expect(lines[1]).toMatch(/^keycard: GET \/organizations\/acme\/service-accounts\/sa1: 200 after \d+ ms/);
  expect(lines.join()).not.toContain("a name nobody logs");
  expectNoSecrets();
});

test.each([
  ["debug", 2],
  ["info", 0],
  ["off", 0],
] as const)("log level %s writes %i lines about a successful call", async (logLevel, count) => {
  await retrieve({ logLevel });
  expect(lines).toHaveLength(count);
});

test("a failing logger does not fail the call", async () => {
  const logger = loggerTo(() => {
    throw new Error("the disk is full");
  });
  await expect(retrieve({ logger })).resolves.toEqual(ACCOUNT);
});

describe("a response that does not match the API", () => {
  const VALUE = "a-value-nobody-may-see";
  const deep = { [VALUE]: { [VALUE]: VALUE } };

  test.each([
    ["not JSON", `<html>${VALUE}`, "not JSON"],
    ["empty", "", "not JSON"],
    ["no object", [VALUE], "the body must be object"],
    [
      "without an ID",
      { ...ACCOUNT, id: undefined, name: VALUE },
      "the body must have required property 'id'",
    ],
    ["of a wrong type", { ...ACCOUNT, name: { [VALUE]: VALUE } }, "/name must be string"],
    ["with an empty ID", { ...ACCOUNT, id: "" }, "/id must NOT have fewer than 1 characters"],
    ["about something else", { ...ACCOUNT, id: VALUE }, "/id is not the ID that was requested"],
    ["wrong deep inside", { ...ACCOUNT, permissions: deep }, "/permissions must be boolean"],
  ])("%s, is reported without its values", async (_what, body, message) => {
    respond = reply(200, body);
    const error = (await errorOf(retrieve())) as MalformedResponseError;
    expect(error).toBeInstanceOf(MalformedResponseError);
    expect(error).toMatchObject({ status: 200, method: "GET" });
    expect(error.message).toContain(`malformed response: ${message}`);
    expect(printed(error)).not.toContain(VALUE);
    expect(error.response()).toEqual(typeof body === "string" ? undefined : JSON.parse(JSON.stringify(body)));
  });

  test("to a create keeps the new secret in response() only, and the create is not retried", async () => {
    const body = { id: "c1", name: "k", created_at: "", client_secret: VALUE };
    respond = reply(201, body);
    const call = accounts({ maxRetries: 2 }).credentials.create("sa1", { ...ORG, name: "k" });
    const error = (await errorOf(call)) as MalformedResponseError;
    expect(error.message).toContain("the body must have required property 'client_id'");
    expect(printed(error)).not.toContain(VALUE);
    expect(error.response()).toEqual(body);
    expect(server.requests.filter((request) => request.url?.endsWith("/credentials"))).toHaveLength(1);
  });

  test("to an update about another object is malformed, too", async () => {
    respond = reply(200, { ...ACCOUNT, id: "other" });
    const update = accounts().update("sa1", { ...ORG, name: "b" });
    expect(await errorOf(update)).toBeInstanceOf(MalformedResponseError);
  });

  test("with additional properties is accepted", async () => {
    respond = reply(200, { ...ACCOUNT, new_in_the_api: true });
    await expect(retrieve()).resolves.toMatchObject({ new_in_the_api: true });
  });
});
