/** No ID, no redirect and no spelling of the endpoint sends a call to another path or host. */
import { ArgumentError, ConfigurationError, KeycardAPI, MalformedResponseError } from "pulumi-keycard/sdk";
import type { ClientOptions, Fetch } from "pulumi-keycard/sdk";
import type { Existing } from "../../support/client";
import { ACCOUNT, ORG, PAIR, accountsAt, callsOf, clientAt } from "../../support/client";
import { errorOf, reply, respondJson, serve, useServer } from "../../support/client";

const server = useServer();
const accounts = (options?: ClientOptions) => accountsAt(server, { maxRetries: 0, ...options });

describe("an ID", () => {
  const STRANGE = ["../x", "..", ".", "a/b", "a\\b", "a?b", "a#b"];
  STRANGE.push("%2f", "%2e%2e", "..%2fx", "a b", "a\0b", "é");

  test.each([...STRANGE, "", "x".repeat(256), "x".repeat(5_000_000)])(
    "that is invalid (%#) makes the response to a create or a list malformed",
    async (id) => {
      const account = { ...ACCOUNT, id, client_id: "c", client_secret: "s" };
      const page = { items: [account], page_info: { has_next_page: false, has_prev_page: false } };
      server.respond = ({ method }, response) =>
        respondJson(response, 200, method === "GET" ? page : account);
      const name = { name: "one" };
      const calls = [
        accounts().create("acme", name),
        accounts().credentials.create("sa1", { ...ORG, ...name }),
        accounts().list("acme"),
      ];
      for (const error of await Promise.all(calls.map(errorOf))) {
        expect(error).toBeInstanceOf(MalformedResponseError);
        expect(error.message).toMatch(/malformed response: (\/items\/0)?\/id must /);
      }
    },
  );

  test("of letters, digits, dashes, underscores and dots is accepted", async () => {
    const id = "abcXYZ-019_8.7";
    server.respond = reply(201, { ...ACCOUNT, id });
    await expect(accounts().create("acme", { name: "one" })).resolves.toMatchObject({ id });
    await expect(accounts().retrieve(id, ORG)).resolves.toMatchObject({ id });
    expect(server.requests.at(-1)?.url).toBe(`/organizations/acme/service-accounts/${id}`);
  });

  /** Makes the calls with an ID that is invalid, and expects that none is sent. */
  async function expectRefused(invalid: Partial<Existing>, operations: RegExp): Promise<void> {
    const ids = { organization_id: "acme", account: "sa1", credential: "c1", ...invalid };
    for (const [operation, call] of Object.entries(callsOf(clientAt(server), ids))) {
      if (!operations.test(operation)) continue;
      const error = await errorOf(call());
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error).toMatchObject({ hint: "Pass the ID as Keycard returned it." });
      expect(error.message.length).toBeLessThan(200);
    }
    expect(server.requests).toHaveLength(0);
  }

  test.each([...STRANGE, "", "x".repeat(256)])("that is invalid (%j) is never sent", async (id) => {
    await expectRefused({ account: id }, /Credential|(retrieve|update|delete)ServiceAccount$/);
    await expectRefused({ credential: id }, /(retrieve|update|delete)Credential$/);
  });

  test.each(["", ".", "..", "x".repeat(256)])(
    "of an organization that is invalid (%j) is never sent",
    async (organization_id) => {
      await expectRefused({ organization_id }, /./);
    },
  );

  test.each(STRANGE.filter((label) => label !== "." && label !== ".."))(
    "of an organization (%j) stays one part of the path",
    async (label) => {
      await accounts().retrieve(ACCOUNT.id, { organization_id: label });
      const { pathname, search, hash } = new URL(String(server.requests[0]?.url), "http://host");
      expect([search, hash]).toEqual(["", ""]);
      const parts = pathname.split("/").map(decodeURIComponent);
      expect(parts).toEqual(["", "organizations", label, "service-accounts", ACCOUNT.id]);
    },
  );
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("(%i) is not followed, whatever was called", async (status) => {
    const elsewhere = await serve();
    const { host } = new URL(elsewhere.endpoint);
    for (const location of [elsewhere.endpoint, "/elsewhere", "http://[", `//${host}`]) {
      server.respond = reply(status, "", { location });
      const calls = [
        accounts().retrieve("sa1", ORG),
        accounts().create("acme", { name: "a" }),
        accounts().update("sa1", { ...ORG, name: "a" }),
        accounts().delete("sa1", ORG),
        accounts(PAIR).retrieve("sa1", ORG),
        accounts({ fetch: fetch as Fetch }).retrieve("sa1", ORG),
      ];
      for (const { message } of await Promise.all(calls.map(errorOf))) {
        expect(message).toContain(`status ${status}: redirects are not followed`);
        expect(message).not.toContain(location);
      }
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
    ["http://localhost:4010", "http://localhost:4010"],
    ["http://127.0.0.2", "http://127.0.0.2"],
    ["http://[::1]:4010", "http://[::1]:4010"],
    ["https://api.example/v1/", "https://api.example/v1"],
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
