import {
  ArgumentError,
  ConfigurationError,
  ENVIRONMENT,
  KeycardAPI,
  fromEnvironment,
} from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch } from "pulumi-keycard/sdk";
import { ACCOUNT, ORG, errorOf, printed } from "../support/client";

const NAMES: readonly string[] = Object.values(ENVIRONMENT).flat();

// What the machine sets must not decide how the tests end.
const clear = () => {
  const rest = Object.entries(process.env).filter(([name]) => !NAMES.includes(name));
  jest.replaceProperty(process, "env", Object.fromEntries(rest));
};
beforeEach(clear);
afterEach(() => jest.restoreAllMocks());

const retrieve = (options?: ClientOptions) =>
  new KeycardAPI(options).organizations.serviceAccounts.retrieve(ACCOUNT.id, ORG);

/** Returns URL and authorization of a client's first request. */
async function firstRequest(options?: ClientOptions): Promise<{ url: string; authorization: string }> {
  const fetch = jest.fn<ReturnType<Fetch>, Parameters<Fetch>>().mockRejectedValue(new Error("not sent"));
  await errorOf(retrieve({ maxRetries: 0, ...options, fetch }));
  const [[url, { headers }]] = fetch.mock.calls as [Parameters<Fetch>];
  const decoded = (_all: string, text: string) => Buffer.from(text, "base64").toString();
  const authorization = String(headers["authorization"]).replace(/^Basic (.*)/, decoded);
  return { url, authorization };
}

describe("the environment", () => {
  test.each([
    ["Terraform provider", ["KEYCARD_ENDPOINT", "KEYCARD_CLIENT_ID", "KEYCARD_CLIENT_SECRET"]],
    ["TypeScript client", ["KEYCARD_API_BASE_URL", "KEYCARD_API_CLIENT_ID", "KEYCARD_API_CLIENT_SECRET"]],
  ])("gives endpoint, ID and secret by the names of Keycard's %s", async (_whose, names) => {
    const values = ["https://one.example", "id", "secret"];
    names.forEach((name, index) => (process.env[name] = String(values[index])));
    const url = "https://one.example/service-account-token";
    expect(await firstRequest()).toEqual({ url, authorization: "id:secret" });
  });

  test.each(["KEYCARD_API_API_KEY", "KEYCARD_API_KEY"])("gives a ready-made token by %s", async (name) => {
    process.env[name] = "key";
    expect(await firstRequest()).toMatchObject({ authorization: "Bearer key" });
  });

  test("ignores an empty variable", () => {
    process.env["KEYCARD_CLIENT_ID"] = "";
    process.env["KEYCARD_API_CLIENT_ID"] = "id";
    expect(fromEnvironment("clientID")).toBe("id");
  });

  test("provides the organization", () => {
    process.env["KEYCARD_ORGANIZATION_ID"] = "acme";
    expect(fromEnvironment("organizationId")).toBe("acme");
  });

  test("is overridden by options", async () => {
    process.env["KEYCARD_ENDPOINT"] = "https://one.example";
    process.env["KEYCARD_CLIENT_ID"] = "id";
    process.env["KEYCARD_CLIENT_SECRET"] = "secret";
    const own = { baseURL: "https://mine.example", clientID: "mine" };
    const url = "https://mine.example/service-account-token";
    expect(await firstRequest(own)).toEqual({ url, authorization: "mine:secret" });
  });

  test("does not mix with credentials of the other kind in options", async () => {
    process.env["KEYCARD_API_API_KEY"] = "key";
    const pair = { clientID: "mine", clientSecret: "own" };
    expect(await firstRequest(pair)).toMatchObject({ authorization: "mine:own" });
    clear();
    process.env["KEYCARD_CLIENT_ID"] = "id";
    process.env["KEYCARD_CLIENT_SECRET"] = "secret";
    expect(await firstRequest({ apiKey: "my key" })).toMatchObject({ authorization: "Bearer my key" });
  });
});

test("without an endpoint, the client uses Keycard's", () => {
  expect(new KeycardAPI().baseURL).toBe("https://api.keycard.ai");
});

const nothing = "clientID and clientSecret are missing, and so is apiKey";
test.each([
  [{}, "clientID", nothing, "set KEYCARD_CLIENT_ID and KEYCARD_CLIENT_SECRET"],
  [{ apiKey: "" }, "clientID", nothing, "set KEYCARD_API_API_KEY"],
  [
    { clientID: "id" },
    "clientSecret",
    "clientSecret is missing, but clientID is given",
    "set KEYCARD_CLIENT_SECRET",
  ],
  [
    { clientSecret: "secret" },
    "clientID",
    "clientID is missing, but clientSecret is given",
    "set KEYCARD_CLIENT_ID",
  ],
])(
  "a call without complete credentials fails and names what is missing: %j",
  async (options, option, message, hint) => {
    const error = await errorOf(retrieve(options));
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(error).toMatchObject({ option, message, hint: expect.stringContaining(hint) });
  },
);

test("an ID without a secret does not fall back to the environment's token", async () => {
  process.env["KEYCARD_API_API_KEY"] = "key";
  const error = await errorOf(retrieve({ clientID: "id" }));
  expect(error.message).toContain("clientSecret is missing");
});

test.each([
  [{ baseURL: "api.keycard.ai" }, "baseURL"],
  [{ baseURL: "http://api.keycard.ai" }, "must begin with https://"],
  [{ baseURL: "http://127.0.0.1.evil.example" }, "must begin with https://"],
  [{ baseURL: "ftp://localhost" }, "must begin with https://"],
  [{ baseURL: "https://me:hunter2@api.keycard.ai" }, "must not contain a user name or a password"],
  [{ baseURL: "https://api.keycard.ai/?a=hunter2" }, "must not have a query"],
  [{ timeout: -1 }, "timeout"],
  [{ timeout: 0 }, "timeout"],
  [{ timeout: Infinity }, "timeout"],
  [{ timeout: NaN }, "timeout"],
  [{ maxRetries: -1 }, "maxRetries"],
  [{ maxRetries: 1.5 }, "maxRetries"],
  [{ maxConcurrency: 0 }, "maxConcurrency"],
  [{ maxConcurrency: 1.5 }, "maxConcurrency"],
  [{ logLevel: "loud" as "warn" }, "logLevel"],
  [{ apiKey: "key", clientID: "id" }, "cannot be combined"],
])("an option that cannot be used is refused at once: %j", (options, message) => {
  const make = () => new KeycardAPI(options);
  expect(make).toThrow(ConfigurationError);
  expect(make).toThrow(message);
  expect(make).not.toThrow("hunter2");
});

test("an endpoint that ends in a question mark keeps the path", async () => {
  const { url } = await firstRequest({ baseURL: "https://api.example/?", apiKey: "key" });
  expect(url).toBe("https://api.example/organizations/acme/service-accounts/sa1");
});

test.each([{ timeout: -1 }, { maxRetries: -1 }])(
  "an option of a call that cannot be used is refused, too: %j",
  async (options) => {
    const { serviceAccounts } = new KeycardAPI({ apiKey: "key" }).organizations;
    const error = await errorOf(serviceAccounts.list("acme", {}, options));
    expect(error).toBeInstanceOf(ConfigurationError);
  },
);

test("a token with a line break is refused, and the error does not contain it", async () => {
  const error = await errorOf(retrieve({ apiKey: "the-key\n" }));
  expect(error).toBeInstanceOf(ConfigurationError);
  expect(error.message).toContain('apiKey cannot be sent in the header "authorization"');
  expect(printed(error)).not.toContain("the-key");
});

test("an ID that is not a string is refused, and the error names the argument", async () => {
  const { serviceAccounts } = new KeycardAPI({ apiKey: "key" }).organizations;
  const params = {} as { organization_id: string };
  const error = await errorOf(serviceAccounts.retrieve("sa1", params));
  expect(error.message).toContain("organization_id is missing");
  expect(await errorOf(serviceAccounts.list("\ud800"))).toBeInstanceOf(ArgumentError);
});

test("a client with other options keeps the rest", async () => {
  const client = new KeycardAPI({ baseURL: "https://one.example", apiKey: "key" });
  const other = client.withOptions({ timeout: 5 });
  expect(other).toMatchObject({ baseURL: "https://one.example", apiKey: "key" });
  const pair = client.withOptions({ clientID: "id", clientSecret: "secret" });
  expect(pair).toMatchObject({ clientID: "id", clientSecret: "secret", apiKey: undefined });
  expect(client.apiKey).toBe("key");
});
