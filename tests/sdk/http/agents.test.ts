/** Proxies, in processes of their own: Node reads the certificates to trust when it starts. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "pulumi-keycard/sdk";
import { requestsOf } from "../../support/client";
import { EgressProxy, HOST } from "../../support/egressProxy";

const checkout = path.join(__dirname, "../../..");
let emulator: Emulator;
let proxy: EgressProxy;

beforeAll(async () => void (emulator = await startEmulator()));
beforeEach(async () => void (proxy = await EgressProxy.start(emulator)));
afterEach(() => proxy.close());
afterAll(() => emulator.close());

const failure = (message: string) => ({ message: expect.stringContaining(message) as string });

/** Runs code with a client of the emulator, and returns what it prints. */
async function run(code: string, env: Record<string, string | undefined> = proxy.env): Promise<unknown> {
  const script = `
    const { KeycardAPI } = require("pulumi-keycard/sdk");
    const client = new KeycardAPI({ apiKey: ${JSON.stringify(emulator.apiKey)}, maxRetries: 0 });
    const accounts = client.organizations.serviceAccounts;
    const failure = ({ message, outcome, status }) => ({ message, outcome, status });
    (async () => console.log(JSON.stringify(await (async () => { ${code} })().catch(failure))))();`;
  const { PATH } = process.env;
  const options = { cwd: checkout, env: { PATH, ...env } };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ["-e", script], options);
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}
const create = 'const { name } = await accounts.create("emulator", { name: "a" }); return name;';

test("calls go through the proxy, over TLS to Keycard; each create has a tunnel of its own", async () => {
  const twice = "await accounts.list('emulator'); await accounts.list('emulator');";
  expect(await run(`${twice} await accounts.create("emulator", { name: "b" }); ${create}`)).toBe("a");
  const authorization = `Basic ${Buffer.from("egress:pa$$word").toString("base64")}`;
  expect(proxy.tunnels).toEqual(Array(3).fill({ target: `${HOST}:443`, authorization }));
});

test.each([
  ["https_proxy", () => ({ https_proxy: proxy.url.href })],
  ["ALL_PROXY", () => ({ ALL_PROXY: proxy.url.href })],
  ["HTTPS_PROXY without a scheme", () => ({ HTTPS_PROXY: proxy.url.host })],
  ["HTTPS_PROXY beside NODE_USE_ENV_PROXY", () => ({ HTTPS_PROXY: proxy.url.href, NODE_USE_ENV_PROXY: "1" })],
])("%s is honoured", async (_, variables) => {
  expect(await run(create, { ...proxy.env, HTTPS_PROXY: undefined, ...variables() })).toBe("a");
  expect(proxy.tunnels.length).toBe(1);
});

test.each(["NO_PROXY", "no_proxy"])("%s excludes an endpoint", async (name) => {
  const error = await run(create, { ...proxy.env, [name]: `other.test,${HOST}` });
  expect(error).toMatchObject({ ...failure(HOST), outcome: "not-sent" });
  expect(proxy.tunnels).toEqual([]);
});

test("this machine is never called through a proxy", async () => {
  const env = { ...proxy.env, HTTP_PROXY: proxy.url.href, KEYCARD_ENDPOINT: emulator.endpoint };
  expect(await run(create, env)).toBe("a");
  expect(proxy.tunnels).toEqual([]);
});

test.each([403, 404, 407, 502])("a proxy that refuses with %d is no response of Keycard", async (status) => {
  proxy.status = status;
  const before = await requestsOf(emulator, "createServiceAccount");
  const refusal = `${proxy.url.host}: it refused the tunnel with status ${status}. Check HTTPS_PROXY and NO_PROXY`;
  const message = `no connection through the proxy ${refusal}`;
  expect(await run(create)).toEqual({ ...failure(message), outcome: "not-sent" });
  expect(await requestsOf(emulator, "createServiceAccount")).toEqual(before);
});

test("a proxy that cannot be reached is named without its password", async () => {
  const error = await run(create, { ...proxy.env, HTTPS_PROXY: "http://egress:pa$$word@127.0.0.1:1" });
  const message = "no connection through the proxy 127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1";
  expect(error).toEqual({ ...failure(message), outcome: "not-sent" });
});

test("Keycard's certificate is verified behind a proxy, too", async () => {
  const error = await run(create, { ...proxy.env, NODE_EXTRA_CA_CERTS: undefined });
  expect(error).toMatchObject(failure("self-signed certificate"));
  expect(proxy.tunnels.length).toBe(1);
});

test("the caller's own agent goes before the proxy", async () => {
  const own = `
    const { Agent } = require("node:https");
    const agent = new Agent({ lookup: (host, options, done) => done(new Error("own agent")) });
    const { organizations } = client.withOptions({ fetchOptions: { agent } });
    return organizations.serviceAccounts.create("emulator", { name: "a" });`;
  expect(await run(own)).toMatchObject(failure("own agent"));
  expect(proxy.tunnels).toEqual([]);
});

test("a proxy that is not a URL is an error of configuration, without its value", () => {
  process.env["HTTPS_PROXY"] = "socks://user:secret@proxy";
  try {
    expect(() => new KeycardAPI({ apiKey: "key" })).toThrow(/^HTTPS_PROXY is not the URL of an HTTP proxy$/);
  } finally {
    delete process.env["HTTPS_PROXY"];
  }
});
