/** No ID, no redirect and no spelling of the endpoint sends a call to another path or host. */
import type { RequestListener } from "node:http";
import { ArgumentError, ConfigurationError, KeycardAPI, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch, ServiceAccounts } from "pulumi-keycard/sdk";
import { ACCOUNT, respondJson, errorOf, serve, useServer } from "../../support/client";

let respond: RequestListener;
const server = useServer((request, response) => respond(request, response));

const org = { organization_id: "acme" };

function accounts(options: ClientOptions = { apiKey: "key" }): ServiceAccounts {
  return new KeycardAPI({ baseURL: server.endpoint, maxRetries: 0, ...options }).organizations
    .serviceAccounts;
}

describe("an ID", () => {
  const STRANGE = ["../x", "..", ".", "a/b", "a\\b", "a?b", "a#b"];
  STRANGE.push("%2f", "%2e%2e", "..%2fx", "a b", "a\0b", "é");

  test.each([...STRANGE, "", "x".repeat(256), "x".repeat(5_000_000)])(
    "that is invalid (%#) makes the response to a create or a list malformed",
    async (id) => {
      respond = (request, response) =>
        request.method === "POST"
          ? respondJson(response, 201, { ...ACCOUNT, id, client_id: "c", client_secret: "s" })
          : respondJson(response, 200, {
              items: [{ ...ACCOUNT, id }],
              page_info: { has_next_page: false, has_prev_page: false },
            });
      const name = { name: "one" };
      const [account, credential, list] = await Promise.all([
        errorOf(accounts().create("acme", name)),
        errorOf(accounts().credentials.create("sa1", { ...org, ...name })),
        errorOf(accounts().list("acme")),
      ]);
      for (const error of [account, credential, list]) {
        expect(error).toBeInstanceOf(MalformedResponseError);
        expect(error.message).toMatch(/malformed response: (\/items\/0)?\/id must /);
      }
    },
  );

  test("of letters, digits, dashes, underscores and dots is accepted", async () => {
    const id = "abcXYZ-019_8.7";
    respond = (_request, response) => respondJson(response, 201, { ...ACCOUNT, id });
    await expect(accounts().create("acme", { name: "one" })).resolves.toMatchObject({ id });
    await expect(accounts().retrieve(id, org)).resolves.toMatchObject({ id });
    expect(server.requests.at(-1)?.url).toBe(`/organizations/acme/service-accounts/${id}`);
  });

  test.each([...STRANGE, "", "x".repeat(256)])("that is invalid (%j) is never sent", async (id) => {
    const { credentials } = accounts();
    const one = { ...org, service_account_id: "sa1" };
    const other = { ...org, service_account_id: id };
    const errors = await Promise.all([
      errorOf(accounts().retrieve(id, org)),
      errorOf(accounts().update(id, { ...org, name: "a" })),
      errorOf(accounts().delete(id, org)),
      errorOf(credentials.create(id, { ...org, name: "a" })),
      errorOf(credentials.list(id, org).then()),
      errorOf(credentials.retrieve(id, one)),
      errorOf(credentials.retrieve("c1", other)),
      errorOf(credentials.update(id, one)),
      errorOf(credentials.update("c1", other)),
      errorOf(credentials.delete(id, one)),
      errorOf(credentials.delete("c1", other)),
    ]);
    for (const error of errors) expect(error).toBeInstanceOf(ArgumentError);
    for (const error of errors) expect(error.message.length).toBeLessThan(200);
    expect(server.requests).toHaveLength(0);
  });

  test.each(STRANGE.filter((label) => label !== "." && label !== ".."))(
    "of an organization (%j) stays one part of the path",
    async (label) => {
      respond = (_request, response) => respondJson(response, 200, ACCOUNT);
      await accounts().retrieve(ACCOUNT.id, { organization_id: label });
      const { pathname, search, hash } = new URL(String(server.requests[0]?.url), "http://host");
      expect([search, hash]).toEqual(["", ""]);
      const parts = pathname.split("/").map(decodeURIComponent);
      expect(parts).toEqual(["", "organizations", label, "service-accounts", ACCOUNT.id]);
    },
  );

  test("of an organization that is too long is never sent", async () => {
    expect(await errorOf(accounts().list("x".repeat(256)).then())).toBeInstanceOf(ArgumentError);
    expect(server.requests).toHaveLength(0);
  });
});

describe("a redirect", () => {
  const calls = {
    GET: (them: ServiceAccounts) => them.retrieve("sa1", org),
    POST: (them: ServiceAccounts) => them.create("acme", { name: "a" }),
    PATCH: (them: ServiceAccounts) => them.update("sa1", { ...org, name: "a" }),
    DELETE: (them: ServiceAccounts) => them.delete("sa1", org),
    "sign-in": () => accounts({ clientID: "id", clientSecret: "s3cret" }).retrieve("sa1", org),
  };

  test.each([301, 302, 303, 307, 308])("(%i) is not followed, whatever was called", async (status) => {
    const elsewhere = await serve((_request, response) => respondJson(response, 200, ACCOUNT));
    const own = accounts({ apiKey: "key", fetch: fetch as Fetch });
    for (const location of [
      elsewhere.endpoint,
      "/elsewhere",
      "http://[",
      `//${new URL(elsewhere.endpoint).host}`,
    ]) {
      respond = (_request, response) => void response.writeHead(status, { location }).end();
      for (const call of Object.values(calls)) {
        const error = await errorOf(call(accounts()));
        expect(error.message).toContain(`status ${status}: redirects are not followed`);
        expect(error.message).not.toContain(location);
      }
      expect(await errorOf(own.retrieve("sa1", org))).toMatchObject({ status });
    }
    expect(server.requests).toHaveLength(4 * 6);
    expect(elsewhere.requests).toHaveLength(0);
    await elsewhere.close();
  });
});

describe("an endpoint", () => {
  test.each([
    "http://127.0.0.1.evil.com",
    "http://localhost.evil",
    "http://localhost.",
    "http://evil.localhost",
    "http://128.0.0.1",
    "http://0.0.0.0",
    "http://[::]",
    "http://[::ffff:127.0.0.1]",
    "http://[fe80::1%25lo0]",
    "http://[::1%25lo0]",
    "http://127.0.0.1@evil.com",
    "http://localhost:80@evil.com",
    "http://evil.com\\@127.0.0.1",
    "http:\\\\evil.com",
    "http://evil.com#@127.0.0.1",
    "ht\ntp://evil.com",
    "http://evil.com\t/",
    "HTTP://EVIL.COM",
    "http://①②⑦.0.0.1.evil.com",
    "http://xn--localhost-.evil",
    "ftp://127.0.0.1",
    "ws://127.0.0.1",
    "file:///etc/passwd",
    "data:text/plain,127.0.0.1",
    "blob:https://127.0.0.1/x",
    "javascript:0",
    "//127.0.0.1",
    "https://",
    "https://user@api.example",
    "https://:pass@api.example",
  ])("%j is refused", (baseURL) => {
    expect(() => new KeycardAPI({ baseURL })).toThrow(ConfigurationError);
  });

  test.each([
    ["http://127.1", "http://127.0.0.1"],
    ["http://0x7f000001", "http://127.0.0.1"],
    ["http://2130706433", "http://127.0.0.1"],
    ["http://①②⑦.0.0.1", "http://127.0.0.1"],
    ["HTTP://LOCALHOST:80/", "http://localhost"],
    ["http://127.0.0.1\\@evil.com", "http://127.0.0.1/@evil.com"],
    ["http://[0:0:0:0:0:0:0:1]", "http://[::1]"],
    ["https:api.example", "https://api.example"],
    ["https://api.example\\..\\..\\v1", "https://api.example/v1"],
    [" https://api.example/a/../v1/ ", "https://api.example/v1"],
  ])("%j is used as %s", (given, sentTo) => {
    expect(new KeycardAPI({ baseURL: given }).baseURL).toBe(sentTo);
  });
});
