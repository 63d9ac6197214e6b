/** Inputs that are missing or unknown, renamed organizations and odd states: Pulumi's calls, without an engine. */
import type * as Host from "pulumi-keycard/host";
import { RotatingCredential } from "pulumi-keycard";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { keycardOf, signsIn } from "../../engine/keycard";
import { advanceClock } from "../../support/clock";
import { loadHost } from "../../support/host";
import { tamper } from "../../support/tamper";

/** Pulumi's placeholder for a value that a preview does not know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

type Outputs = Record<string, string>;

let emulator: Emulator;
let place: { organizationId: string; serviceAccountId: string };
let shown: string;
beforeEach(async () => {
  emulator = await startEmulator();
  const { id } = await keycardOf(emulator).create(emulator.organizationId, { name: "deployer" });
  place = { organizationId: emulator.organizationId, serviceAccountId: id };
  shown = "";
  jest.spyOn(console, "log").mockImplementation((text: string) => void (shown += `${text}\n`));
});
afterEach(() => {
  jest.restoreAllMocks();
  return emulator.close();
});

/** A host, as it begins each operation. */
function host(organizationId = emulator.organizationId): typeof Host {
  const { apiKey, endpoint } = emulator;
  return loadHost({ apiKey, endpoint, organizationId });
}

/** Creates a resource, and rotates it on demand as often as `times` says. */
async function created(
  args: object = {},
  times = 0,
): Promise<{ id: string; outs: Outputs; news: Record<string, unknown> }> {
  const news = (trigger: number) => ({
    ...place,
    name: "key",
    rotateWhenChanged: { a: String(trigger) },
    ...args,
  });
  const { id, outs } = await host().RotatingCredential.create(news(0));
  let state = outs as Outputs;
  for (let trigger = 1; trigger <= times; trigger++)
    state = (await host().RotatingCredential.update(id, state, news(trigger))).outs as Outputs;
  return { id, outs: state, news: news(times) };
}

async function names(): Promise<string[]> {
  const { organizationId: organization_id, serviceAccountId } = place;
  const { items } = await keycardOf(emulator).credentials.list(serviceAccountId, { organization_id });
  return items.map(({ name }) => name);
}

const canSignIn = ({ clientId = "", clientSecret = "" }: Outputs) =>
  signsIn(emulator.endpoint, { clientId, clientSecret });

describe("with --continue-on-error", () => {
  test("a missing serviceAccountId or name counts as unchanged", async () => {
    const { id, outs, news } = await created();
    const { RotatingCredential } = host();
    const given = { ...news, serviceAccountId: null, name: null, rotateAfter: "30d" };
    const { inputs } = await RotatingCredential.check(news, { ...given, name: "key" });
    expect(await RotatingCredential.diff(id, outs, inputs)).toEqual({ changes: true, replaces: [] });
    const updated = (await RotatingCredential.update(id, outs, inputs)).outs;
    expect(updated).toMatchObject({ ...place, name: "key", rotateAfter: "30d" });
  });

  test("a missing keepPreviousFor does not shorten the overlap", async () => {
    const { id, outs, news } = await created({ keepPreviousFor: "7d" }, 1);
    await advanceClock(emulator.endpoint, "3d");
    const { RotatingCredential } = host();
    const { inputs } = await RotatingCredential.check(news, { ...news, keepPreviousFor: null });
    const updated = (await RotatingCredential.update(id, outs, inputs)).outs;
    expect(updated).toMatchObject({ previousRetiresAt: outs["previousRetiresAt"] });
    expect((await names()).length).toBe(2);
  });

  test.each(["RotatingCredential", "ServiceAccountCredential"] as const)(
    "a value of rotateWhenChanged that is missing when a %s is created does not rotate it when it arrives",
    async (type) => {
      const news = { ...place, name: "key", rotateWhenChanged: { a: null } };
      const { id, outs } = await host()[type].create(news);
      const later = { ...news, rotateWhenChanged: { a: "1" } };
      expect(await host()[type].diff(id, outs as Outputs, later)).toEqual({ changes: true, replaces: [] });
      await host()[type].update(id, outs as Outputs, later);
      expect((await names()).length).toBe(1);
    },
  );
});

test("a preview does not announce a revocation that depends on an unknown duration", async () => {
  const { id, outs, news } = await created({ keepPreviousFor: "7d" }, 1);
  await advanceClock(emulator.endpoint, "3d");
  await host().RotatingCredential.diff(id, outs, { ...news, keepPreviousFor: UNKNOWN });
  expect(shown).not.toContain("revokes");
});

test("a rotation is not early as long as the previous credential has its time", async () => {
  const { id, outs, news } = await created({ rotateAfter: "100h", keepPreviousFor: "99.9h" }, 1);
  await advanceClock(emulator.endpoint, `${99.5 * 60 * 60 * 1000}ms`);
  expect(await host().RotatingCredential.diff(id, outs, news)).toEqual({ changes: false, replaces: [] });
  await advanceClock(emulator.endpoint, "31m");
  expect(await host().RotatingCredential.diff(id, outs, news)).toMatchObject({ changes: true });
});

test("what the preview says of a previous credential that somebody has deleted", async () => {
  const { id, outs, news } = await created({}, 1);
  const { organizationId: organization_id, serviceAccountId: service_account_id } = place;
  await keycardOf(emulator).credentials.delete(String(outs["previousCredentialId"]), {
    organization_id,
    service_account_id,
  });
  await advanceClock(emulator.endpoint, "2d");
  await host().RotatingCredential.diff(id, outs, news);
  expect(shown).toContain(`${outs["previousClientId"]}: it was already deleted at Keycard`);
});

describe("after the organization's label was renamed", () => {
  const old = "old-label";

  test("another name of the same organization replaces nothing, even if the current credential is deleted", async () => {
    const { id, outs, news } = await created({}, 1);
    const { organizationId: organization_id, serviceAccountId: service_account_id } = place;
    await keycardOf(emulator).credentials.delete(String(outs["credentialId"]), {
      organization_id,
      service_account_id,
    });
    const renamed = { ...outs, organizationId: old };
    expect(await host().RotatingCredential.diff(id, renamed, news)).toEqual({ changes: true, replaces: [] });
  });

  test("a resource with a lost create is read and deleted by its other credentials", async () => {
    const { id, outs } = await created();
    const lost = { ...outs, organizationId: old, pendingVerification: { others: [] } };
    expect(await host().RotatingCredential.read(id, lost)).toMatchObject({ id });
    const operations = host();
    await operations.RotatingCredential.delete(id, lost);
    expect(await names()).toEqual([]);
  });
});

test("another organization replaces it", async () => {
  const { id, outs, news } = await created();
  const other = await startEmulator();
  const both = await tamper(({ path }) =>
    path.includes(`/${other.organizationId}/`)
      ? { endpoint: other.endpoint, authorizeAs: other.apiKey }
      : { endpoint: emulator.endpoint },
  );
  const { apiKey } = emulator;
  const { RotatingCredential } = loadHost({ apiKey, endpoint: both.endpoint });
  const moved = { ...news, organizationId: other.organizationId };
  expect(await RotatingCredential.diff(id, outs, moved)).toEqual({
    changes: true,
    replaces: ["organizationId"],
  });
  both.close();
  await other.close();
});

test("with a ready-made token, a process asks for the server's time with one list of one item", async () => {
  const [one, two] = [
    await created({ rotateAfter: "30d" }),
    await created({ rotateAfter: "30d", name: "two" }),
  ];
  const log = async () => (await (await fetch(`${emulator.endpoint}/_emulator/requests`)).json()) as object[];
  const { length } = await log();
  const { RotatingCredential } = host();
  await Promise.all([one, two].map(({ id, outs, news }) => RotatingCredential.diff(id, outs, news)));
  expect((await log()).slice(length)).toMatchObject([{ operation: "listServiceAccounts" }]);
});

test("there is no `get`, and the option `id` is refused", async () => {
  expect(RotatingCredential).not.toHaveProperty("get");
  await expect(host().RotatingCredential.read("an-id", { name: "key" })).rejects.toThrow(
    "Remove the option id",
  );
});

describe("odd states", () => {
  test("a state without any credential does not affect other resources", async () => {
    const { RotatingCredential } = host();
    const odd = await RotatingCredential.update("odd", { ...place, name: "a" }, { ...place, name: "a" });
    const { outs } = await RotatingCredential.create({ ...place, name: "b" });
    expect((outs as Outputs)["credentialId"]).not.toBe((odd.outs as Outputs)["credentialId"]);
    expect(await names()).toEqual(["a (1)", "b (1)"]);
  });

  test("a converted resource whose first credential another resource adopts loses only that one", async () => {
    const { ServiceAccountCredential } = host();
    const { id, outs } = await ServiceAccountCredential.create({ ...place, name: "key" });
    const converted = { ...place, name: "key", rotateWhenChanged: { a: "1" } };
    const first = (await host().RotatingCredential.update(id, outs as Outputs, converted)).outs as Outputs;
    const news = { ...converted, rotateWhenChanged: { a: "2" } };
    const second = (await host().RotatingCredential.update(id, first, news)).outs as Outputs;
    const next = host();
    const adopting = { ...place, name: "key", adopt: id, clientSecret: first["clientSecret"] };
    await next.ServiceAccountCredential.create(adopting);
    await next.RotatingCredential.delete(id, second);
    expect(await names()).toEqual(["key"]);
    expect(await canSignIn(first)).toBe(true);
  });

  test("a converted name that ends in a number is no drift", async () => {
    const { id, outs } = await host().ServiceAccountCredential.create({ ...place, name: "ci (1)" });
    const news = { ...place, name: "ci (1)" };
    const converted = (await host().RotatingCredential.update(id, outs as Outputs, news)).outs as Outputs;
    expect((await host().RotatingCredential.read(id, converted)).props).toEqual(converted);
    expect(await names()).toEqual(["ci (1)"]);
  });

  test("ExclusiveCredentials refuses the ID of a converted resource", async () => {
    const { id, outs } = await host().ServiceAccountCredential.create({ ...place, name: "key" });
    const news = { ...place, name: "key" };
    const converted = (await host().RotatingCredential.update(id, outs as Outputs, news)).outs as Outputs;
    const { RotatingCredential, ExclusiveCredentials } = host();
    await RotatingCredential.diff(id, converted, news);
    const { failures } = await ExclusiveCredentials.check({}, { ...place, credentialIds: [id] });
    expect(failures.map(({ reason }) => reason).join()).toContain("use key.credentialIds in place of key.id");
  });
});
