/** Bad input is rejected before any call, all of it at once, with advice: see docs/bad-input.md. */
import type * as Host from "pulumi-keycard/host";
import { ExclusiveCredentials, ServiceAccount, ServiceAccountCredential } from "pulumi-keycard";
import * as pulumi from "@pulumi/pulumi";
import { documented, table } from "../../docs";
import { hostOf, loadHost } from "../../support/host";
import type { EngineError } from "../../engine";
import { tokenOf } from "../../support/provider";
import { account, credential, errorOutput, exclusive, useStack } from "../../support/stack";

const stack = useStack("suite");

/** The last line of some messages. */
const SETTINGS_IN_USE =
  "`pulumi refresh`, `pulumi up --refresh` and `pulumi destroy` use the settings of the last `pulumi up`, even of a failed one. To use the current settings, add --run-program.";

const SECRET = "a-secret-of-somebody";

/** Inputs, each with the mistake in it. */
type Wrong = Record<string, [what: string, value: unknown]>;

const common: Wrong[] = [
  {
    name: ["the name is empty", ""],
    description: [
      "the description has 501 characters and is secret",
      { secret: `${SECRET}${"é".repeat(481)}` },
    ],
    organizationId: ["the organization is empty", ""],
    descripton: ["an input is misspelt", "x"],
    adopt: ["`adopt` is not an ID", ".."],
  },
  {
    name: ["the name is a number", 42],
    description: ["the description is an object", {}],
    organizationId: ["the organization has 256 characters", "o".repeat(256)],
    createdAt: ["an output is set as an input", "2026-01-01T00:00:00Z"],
    adopt: ["`adopt` is a number", 1],
  },
  {
    name: ["the name is a list", ["a"]],
    description: ["the description is a boolean", true],
    organizationId: ["the organization ends with a space", "acme "],
  },
];

const ofCredentials: Wrong[] = [
  {
    ...common[0],
    serviceAccountId: ["the account's ID is a number", 42],
    clientSecret: ["the secret is a list", { secret: [SECRET] }],
  },
  {
    ...common[1],
    serviceAccountId: ["the account's ID is empty", ""],
    clientSecret: ["the secret is empty", ""],
  },
  { ...common[2], serviceAccountId: ["the account's ID is a boolean", true] },
  {
    serviceAccountId: ["the account's ID contains a slash", "../x"],
    organizationId: ["the organization is `..`", ".."],
  },
  {
    serviceAccountId: ["the account's ID has 256 characters", "a".repeat(256)],
    rotateWhenChanged: ["`rotateWhenChanged` is a list", ["2026-11"]],
  },
  {
    serviceAccountId: ["the account's ID is empty", ""],
    rotateWhenChanged: ["`rotateWhenChanged` contains a number", { month: 11 }],
    adopt: ["`adopt` is a number", 1],
    clientSecret: ["the secret contains a line break", { secret: `${SECRET}\n` }],
  },
];

const ofExclusive: Wrong[] = [
  { credentialIds: ["the list contains the ID of a `RotatingCredential`", ["rotating-credential-1"]] },
  {
    serviceAccountId: ["the account's ID is a number", 42],
    credentialIds: ["the list contains a number", [42]],
    organizationId: ["the organization is empty", ""],
    name: ["`name` is set, but the resource has no such input", "x"],
  },
  {
    serviceAccountId: ["the account's ID has 256 characters", "a".repeat(256)],
    credentialIds: ["a single ID instead of a list", "an-id"],
  },
  {
    serviceAccountId: ["the account's ID contains a slash", "../x"],
    credentialIds: ["an ID in the list contains a slash", ["an-id", "a/b"]],
  },
];

const ofRotating: Wrong[] = [
  {
    rotateAfter: ["a duration has no unit", "30"],
    keepPreviousFor: ["a duration is given in months", "1 month"],
  },
  { rotateAfter: ["a duration is given in months", "3M"] },
  { rotateAfter: ["`rotateAfter` is zero", "0d"], keepPreviousFor: ["a duration is negative", "-1d"] },
  { rotateAfter: ["`rotateAfter` is a number", 30] },
  { keepPreviousFor: ["`keepPreviousFor` is as long as `rotateAfter`", "30d"] },
];

/** For each type, inputs without a mistake, and the mistakes that replace some of them. */
const types = {
  ServiceAccount: [{ name: "wrong" }, common],
  ServiceAccountCredential: [{ name: "wrong" }, ofCredentials],
  RotatingCredential: [{ name: "wrong", serviceAccountId: "an-id", rotateAfter: "30d" }, ofRotating],
  ExclusiveCredentials: [{ serviceAccountId: "an-id", credentialIds: [] }, ofExclusive],
} as const;

const argsOf = (wrong: Wrong) =>
  Object.fromEntries(Object.entries(wrong).map(([property, [, value]]) => [property, value]));

/** The errors, by mistake and by type of resource. */
const messages = new Map<string, Map<string, string>>();

test.each(Object.keys(types) as (keyof typeof types)[])(
  "reports all mistakes in the inputs of a %s at once, before any call",
  async (type) => {
    const host = hostOf(stack.emulator);
    const [valid, mistakes] = types[type];
    for (const wrong of mistakes) {
      // The provider receives secrets in clear.
      const inputs = Object.entries(argsOf(wrong)).map(([name, value]) => {
        return [name, (value as { secret?: unknown } | null)?.secret ?? value] as const;
      });
      const { failures } = await host[type].check({}, { ...valid, ...Object.fromEntries(inputs) });
      const reasons = failures.map(({ reason }) => reason);
      for (const [property, [what]] of Object.entries(wrong)) {
        const about = reasons.filter((reason) => reason.startsWith(`${property} `));
        expect([what, about.length]).toEqual([what, 1]);
        messages.set(what, new Map(messages.get(what)).set(type, String(about[0])));
      }
      expect(reasons.length).toBe(Object.keys(wrong).length);
      expect(reasons.join()).not.toContain(SECRET);
    }
    expect(await stack.requests()).toEqual([]);
  },
);

test("a preview shows each mistake under the resource", async () => {
  const type = "ServiceAccountCredential";
  const [wrong = {}] = ofCredentials;
  const failure = await stack.plan({ wrong: credential(argsOf(wrong)) }).catch((error: unknown) => error);
  const diagnostics = (failure as EngineError).outcome.diagnostics.map(({ message }) => message);
  const lead = `${tokenOf(type)} resource 'wrong' has a problem: `;
  const expected = Object.values(wrong).map(([what]) => lead + String(messages.get(what)?.get(type)));
  expect(diagnostics.sort()).toEqual(expected.sort());
  expect(await stack.requests()).toEqual([]);
});

test("docs/bad-input.md shows these errors", async () => {
  const rows = [...messages].flatMap(([what, byType]) => {
    const [first, ...others] = [...byType.values()];
    if (others.length > 0 && others.every((other) => other === first))
      return [[what, "every resource with this input", String(first)]];
    return [...byType].map(([type, message]) => [what, `\`${type}\``, message]);
  });
  await documented("bad-input.md", "inputs", table(["mistake", "resource", "error"], rows));
});

test("missing inputs fail the program, as docs/bad-input.md shows", async () => {
  const [serviceAccountId, credentialIds] = ["an-id", ["an-id"]];
  const missing: [
    what: string,
    type: typeof ServiceAccountCredential | typeof ExclusiveCredentials,
    object,
  ][] = [
    ["`serviceAccountId` is missing", ServiceAccountCredential, {}],
    ["`adopt` without the secret", ServiceAccountCredential, { serviceAccountId, adopt: "an-id" }],
    ["a secret without `adopt`", ServiceAccountCredential, { serviceAccountId, clientSecret: SECRET }],
    ["`serviceAccountId` and `credentialIds` are missing", ExclusiveCredentials, {}],
    ["`credentialIds` is missing", ExclusiveCredentials, { serviceAccountId }],
    ["`serviceAccountId` is `null`", ExclusiveCredentials, { serviceAccountId: null, credentialIds }],
  ];
  const rows: string[][] = [];
  for (const [what, type, args] of missing)
    rows.push([what, await messageOf(() => new type("key", args as never))]);
  expect(rows.flat().join()).not.toContain(SECRET);
  await documented("bad-input.md", "missing", table(["mistake", "error"], rows));
});

test("an output without a value is a missing input when the resource is created", async () => {
  await stack.declare({
    key: credential({ serviceAccountId: { output: null } }),
    only: exclusive({ serviceAccountId: "an-id", credentialIds: [{ output: null }] }),
  });
  const output = await errorOutput(stack.up());
  expect(output).toContain("serviceAccountId is missing: set it to the account's id");
  expect(output).toContain("credentialIds has an item without a value. Nothing was revoked.");
  expect(await stack.requests()).toEqual([]);
});

test("accepts inputs of the maximum length", async () => {
  await stack.declare({
    longest: account({ name: "n".repeat(1000), description: "é".repeat(500) }),
    key: credential({ serviceAccountId: "${longest.id}", description: "" }),
  });
  expect((await stack.up()).changes).toMatchObject({ create: expect.any(Number) as number });
  expect((await stack.up()).changes).toEqual({ same: 3 });
});

/** The configuration; keys without `keycard:`. */
type Config = Record<string, string>;

const pair: Config = { clientId: "id", clientSecret: SECRET, organizationId: "acme" };

/** Loads the provider host into this process, with these settings and no others. */
function hostWith(config: Config, env: Record<string, string> = {}): typeof Host {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith("KEYCARD_"));
  process.env = { ...Object.fromEntries(others), ...env };
  return loadHost(config);
}

const wrongSettings: [what: string, config: Config, env?: Record<string, string>][] = [
  ["no organization", { ...pair, organizationId: "" }],
  ["no client ID, secret or token", { organizationId: "acme" }],
  ["an ID without its secret", { ...pair, clientSecret: "" }],
  ["a secret without its ID", { ...pair, clientId: "" }],
  ["both a token and an ID with its secret", { ...pair, apiKey: SECRET }],
  ["`keycard:timeout` that is not a number", { ...pair, timeout: SECRET }],
  ["`keycard:timeout` of 0", { ...pair, timeout: "0" }],
  ["`keycard:timeout` in hexadecimal", { ...pair, timeout: "0x10" }],
  ["`keycard:maxRetries` below 0", { ...pair, maxRetries: "-1" }],
  ["`keycard:maxConcurrency` of 0", { ...pair, maxConcurrency: "0" }],
  ["`keycard:organizationId` that is a path", { ...pair, organizationId: ".." }],
  ["`keycard:endpoint` that is not a URL", { ...pair, endpoint: "api.keycard.ai" }],
  ["an `http://` endpoint that is not localhost", { ...pair, endpoint: "http://api.keycard.ai" }],
  ["`keycard:endpoint` with a password", { ...pair, endpoint: `https://me:${SECRET}@api.keycard.ai` }],
  ["`keycard:endpoint` with a query", { ...pair, endpoint: `https://api.keycard.ai?token=${SECRET}` }],
  ["`KEYCARD_ENDPOINT` that is not a URL", pair, { KEYCARD_ENDPOINT: SECRET }],
  ["`KEYCARD_API_LOG` that is not a level", pair, { KEYCARD_API_LOG: "loud" }],
  [
    "`KEYCARD_ORGANIZATION_ID` that is a path",
    { ...pair, organizationId: "" },
    { KEYCARD_ORGANIZATION_ID: ".." },
  ],
];

test("reports wrong settings, as docs/bad-input.md shows", async () => {
  const rows: string[][] = [];
  for (const [what, config, env] of wrongSettings) {
    const printed = jest.spyOn(console, "log").mockImplementation();
    const { failures } = await hostWith(config, env).ServiceAccount.check({}, { name: "deployer" });
    expect([what, failures.length]).toEqual([what, 1]);
    const [underStack] = printed.mock.calls.flat();
    rows.push([what, String(underStack ?? failures[0]?.reason)]);
    printed.mockRestore();
  }
  for (const key of ["clientSecret", "apiKey"]) {
    pulumi.runtime.setAllConfig({ [`keycard:${key}`]: SECRET }, []);
    rows.push([`\`keycard:${key}\` in plain text`, await messageOf(() => new ServiceAccount("deployer"))]);
  }
  pulumi.runtime.setAllConfig({}, []);
  expect(rows.flat().join()).not.toContain(SECRET);
  const noted = rows.map((row) => row.map((text) => text.replace(`\n${SETTINGS_IN_USE}`, " ¹")));
  await documented(
    "bad-input.md",
    "settings",
    `${table(["mistake", "error"], noted)}\n\n¹ ${SETTINGS_IN_USE}`,
  );
});

test("rejects unusable resource options, as docs/bad-input.md shows", async () => {
  const { endpoint, clientId, clientSecret, organizationId } = stack.emulator;
  const host = hostWith({ endpoint, clientId, clientSecret, organizationId });
  const read = (id: string) => messageOf(() => host.ServiceAccount.read(id, {}));
  const rows = [
    ["`import`", await messageOf(() => new ServiceAccount("deployer", {}, { import: "an-id" }))],
    ["`get` without an ID", await messageOf(() => ServiceAccount.get("deployer", ""))],
    ["`id` of a missing object", await read("an-id")],
    ["`id` that is a path", await read("../x")],
    ["`id` of 256 characters", await read("a".repeat(256))],
    [
      "`id` of a credential, without `serviceAccountId`",
      await messageOf(() => host.ServiceAccountCredential.read("an-id", {})),
    ],
  ];
  await documented("bad-input.md", "options", table(["mistake", "error"], rows));
});

/** Returns the message of the error that `act` must throw. */
async function messageOf(act: () => unknown): Promise<string> {
  const error = await Promise.resolve()
    .then(act)
    .catch((reason: unknown) => reason);
  if (error instanceof Error) return error.message;
  throw new Error("it should have failed");
}
