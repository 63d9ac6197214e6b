import { APIError, KeycardAPI, KeycardError, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions } from "pulumi-keycard/sdk";
import { ACCOUNT, respondJson, errorOf, printed, recordingLogger, useServer } from "../support/client";

const ID = "the-client";
const SECRET = "s3cret/with+signs &more";
const TOKEN = "t0ken-that-was-given";
const API_KEY = "ready-made-t0ken";
const BASIC = Buffer.from(`${ID}:${SECRET}`).toString("base64");
const SECRETS = [SECRET, encodeURIComponent(SECRET), TOKEN, API_KEY, BASIC, "gateway-pass"];

let reply: { status: number; body: unknown };

// Responds to token requests with success, unless `signInFails`, and to all others with `reply`.
let signInFails: boolean;
const server = useServer((request, response) => {
  if (request.url === "/service-account-token" && !signInFails)
    return respondJson(response, 200, { access_token: TOKEN, token_type: "Bearer", expires_in: 60 });
  if (typeof reply.body === "string") return void response.writeHead(reply.status).end(reply.body);
  return respondJson(response, reply.status, reply.body);
});

const { lines, logger } = recordingLogger();
beforeEach(() => {
  signInFails = false;
  lines.splice(0);
});

function client(options: ClientOptions = {}): KeycardAPI {
  const identity = options.apiKey === undefined ? { clientID: ID, clientSecret: SECRET } : {};
  const defaultHeaders = { "X-Gateway-Token": "gateway-pass" };
  const base = { baseURL: server.endpoint, maxRetries: 0, logLevel: "debug", logger } as const;
  return new KeycardAPI({ ...base, defaultHeaders, ...identity, ...options });
}
const retrieve = (options?: ClientOptions) =>
  client(options).organizations.serviceAccounts.retrieve(ACCOUNT.id, { organization_id: "acme" });

function expectNoSecrets(...values: unknown[]): void {
  const everything = [...values.map(printed), ...lines].join("\n");
  for (const secret of SECRETS) expect(everything).not.toContain(secret);
}

test("an error contains method, path, status, the API's code and message, and the request ID", async () => {
  reply = { status: 409, body: { message: "It is taken.", code: "taken", status: 409 } };
  const error = (await errorOf(retrieve())) as APIError;
  expect(error).toBeInstanceOf(APIError);
  expect(error).toBeInstanceOf(KeycardError);
  const path = "/organizations/acme/service-accounts/sa1";
  const requestId = server.requests[1]?.headers["x-client-request-id"];
  expect(error.name).toBe("ConflictError");
  expect(error.message).toBe(
    `GET ${path} failed: status 409: taken: It is taken (request ID ${String(requestId)})`,
  );
  const fields = {
    method: "GET",
    path,
    outcome: "rejected",
    status: 409,
    code: "taken",
    apiMessage: "It is taken.",
    requestId,
  };
  expect(error).toMatchObject(fields);
  expect(JSON.parse(JSON.stringify(error))).toEqual({ ...fields, name: error.name, message: error.message });
});

test.each([
  ["a page of HTML", "<html>Bad gateway</html>"],
  ["nothing", ""],
  ["JSON that is no error", [1, 2]],
  ["null", null],
])("an error whose body is %s still contains the status", async (_what, body) => {
  reply = { status: 502, body };
  const error = await errorOf(retrieve());
  expect(error).toMatchObject({ name: "InternalServerError", status: 502 });
  expect(error.message).toContain("status 502 (request ID");
});

test("an error does not contain a secret that the server repeats", async () => {
  reply = { status: 400, body: { message: SECRETS.join(" | "), code: `code-${TOKEN}`, status: 400 } };
  const error = await errorOf(retrieve());
  expect(error.message).toContain("[secret] | [secret] | [secret]");
  expect(error).toMatchObject({ code: "code-[secret]" });
  const withKey = await errorOf(retrieve({ apiKey: API_KEY }));
  expect(printed(withKey)).not.toContain(API_KEY);
  reply = { status: 400, body: { message: `${SECRET} ${TOKEN} ${BASIC}`, code: "x", status: 400 } };
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
  reply = {
    status: 500,
    body: { message: `${spellings.join(" | ")} | {"client_secret":"just-made"}`, code: "x", status: 500 },
  };
  const error = await errorOf(retrieve({ apiKey: odd, maxRetries: 0 }));
  for (const spelling of [...spellings, "just-made"]) expect(printed(error)).not.toContain(spelling);
});

test("every refusal of a sign-in is a SignInError, a 404, too", async () => {
  signInFails = true;
  reply = { status: 404, body: { message: "Nothing here", code: "not_found", status: 404 } };
  expect(await errorOf(retrieve())).toMatchObject({ name: "SignInError", status: 404 });
});

test("a SignInError does not contain secrets that the server repeats", async () => {
  signInFails = true;
  reply = { status: 401, body: { error: BASIC, error_description: `no: ${SECRET}` } };
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
  reply = {
    status: 400,
    body: { message: `\u001b[31mred\r\nline ${"x".repeat(10_000)}`, code: "a\nb", status: 400 },
  };
  const error = await errorOf(retrieve());
  expect(error.message).toContain("a b");
  expect(error.message.length).toBeLessThan(1_000);
  expect(error.message).not.toMatch(/\p{Cc}/u);
});

test("the client itself prints no secret", () => {
  expectNoSecrets(client(), client({ apiKey: API_KEY }), client().organizations);
});

test("the debug log has a line for each attempt, without headers, bodies or secrets", async () => {
  reply = { status: 200, body: { ...ACCOUNT, name: "a name nobody logs" } };
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
  reply = { status: 200, body: ACCOUNT };
  await retrieve({ logLevel });
  expect(lines).toHaveLength(count);
});

test("a failing logger does not fail the call", async () => {
  reply = { status: 200, body: ACCOUNT };
  const fail = () => {
    throw new Error("the disk is full");
  };
  await expect(retrieve({ logger: { error: fail, warn: fail, info: fail, debug: fail } })).resolves.toEqual(
    ACCOUNT,
  );
});

describe("a response that does not match the API", () => {
  const VALUE = "a-value-nobody-may-see";

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
    [
      "wrong deep inside",
      { ...ACCOUNT, permissions: { [VALUE]: { [VALUE]: VALUE } } },
      "/permissions must be boolean",
    ],
  ])("%s, is reported without its values", async (_what, body, message) => {
    reply = { status: 200, body };
    const error = (await errorOf(retrieve())) as MalformedResponseError;
    expect(error).toBeInstanceOf(MalformedResponseError);
    expect(error).toMatchObject({ status: 200, method: "GET" });
    expect(error.message).toContain(`malformed response: ${message}`);
    expect(printed(error)).not.toContain(VALUE);
    expect(error.response()).toEqual(typeof body === "string" ? undefined : JSON.parse(JSON.stringify(body)));
  });

  test("to a create keeps the new secret in response() only, and the create is not retried", async () => {
    const body = { id: "c1", name: "k", created_at: "", client_secret: VALUE };
    reply = { status: 201, body };
    const { credentials } = client({ maxRetries: 2 }).organizations.serviceAccounts;
    const call = credentials.create("sa1", { organization_id: "acme", name: "k" });
    const error = (await errorOf(call)) as MalformedResponseError;
    expect(error.message).toContain("the body must have required property 'client_id'");
    expect(printed(error)).not.toContain(VALUE);
    expect(error.response()).toEqual(body);
    expect(server.requests.filter((request) => request.url?.endsWith("/credentials"))).toHaveLength(1);
  });

  test("to an update about another object is malformed, too", async () => {
    reply = { status: 200, body: { ...ACCOUNT, id: "other" } };
    const update = client().organizations.serviceAccounts.update("sa1", {
      organization_id: "acme",
      name: "b",
    });
    expect(await errorOf(update)).toBeInstanceOf(MalformedResponseError);
  });

  test("with additional properties is accepted", async () => {
    reply = { status: 200, body: { ...ACCOUNT, new_in_the_api: true } };
    await expect(retrieve()).resolves.toMatchObject({ new_in_the_api: true });
  });
});
