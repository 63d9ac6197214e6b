/** Times, inputs that are missing or unknown, renamed organizations and odd states: Pulumi's calls, without an engine. */
import type * as Host from "pulumi-keycard/host";
import { RotatingCredential } from "pulumi-keycard";
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { keycardOf, signsIn } from "../../engine/keycard";
import { advanceClock } from "../../support/clock";
import { hostOf } from "../../support/host";
import { tamper, twoOrganizations } from "../../support/tamper";

/** Pulumi's placeholder for a value that a preview does not know. */
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const UNCHANGED = { changes: false, replaces: [] };
const CHANGED = { changes: true, replaces: [] };
const DAY = 24 * 60 * 60 * 1000;

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
function host(): typeof Host {
  return hostOf(emulator);
}

/** Creates a resource, and rotates it on demand as often as `times` says. */
async function created(args: object = {}, times = 0) {
  const news = (trigger: number): Record<string, unknown> => {
    return { ...place, name: "key", rotateWhenChanged: { a: String(trigger) }, ...args };
  };
  const { id, outs } = await host().RotatingCredential.create(news(0));
  let state = outs as Outputs;
  for (let trigger = 1; trigger <= times; trigger++)
    state = (await host().RotatingCredential.update(id, state, news(trigger))).outs as Outputs;
  return { id, outs: state, news: news(times) };
}

/** Creates a `ServiceAccountCredential`, and updates it as a `RotatingCredential`. */
async function converted(args: object = {}) {
  const news = { ...place, name: "key", ...args };
  const { id, outs } = await host().ServiceAccountCredential.create({ ...place, name: news.name });
  const updated = await host().RotatingCredential.update(id, outs as Outputs, news);
  return { id, outs: updated.outs as Outputs, news };
}

function canSignIn({ clientId = "", clientSecret = "" }: Outputs): Promise<boolean> {
  return signsIn(emulator.endpoint, { clientId, clientSecret });
}

function deleteCredential(id: string | undefined): Promise<void> {
  const { organizationId: organization_id, serviceAccountId: service_account_id } = place;
  return keycardOf(emulator).credentials.delete(String(id), { organization_id, service_account_id });
}

async function names(): Promise<string[]> {
  const { organizationId: organization_id, serviceAccountId } = place;
  const { items } = await keycardOf(emulator).credentials.list(serviceAccountId, { organization_id });
  return items.map(({ name }) => name);
}

/** Returns the operations that were called so far, after the first ones. */
async function operations(after = 0): Promise<string[]> {
  const response = await fetch(`${emulator.endpoint}/_emulator/requests`);
  return ((await response.json()) as { operation: string }[]).slice(after).map(({ operation }) => operation);
}

test("missed rotations are made up for by one, whose overlap begins then", async () => {
  const { id, outs, news } = await created({ rotateAfter: "1d", keepPreviousFor: "12h" });
  await advanceClock(emulator.endpoint, "10d");
  expect(await host().RotatingCredential.diff(id, outs, news)).toEqual(CHANGED);
  const rotated = (await host().RotatingCredential.update(id, outs, news)).outs as Outputs;
  expect(await names()).toEqual(["key (1)", "key (2)"]);
  expect(await host().RotatingCredential.diff(id, rotated, news)).toEqual(UNCHANGED);
  expect(await canSignIn(outs)).toBe(true);
});

test("a rotation is up to an hour early, so that a nightly run does not slip by a night each time", async () => {
  const { id, outs, news } = await created({ rotateAfter: "30d" });
  await advanceClock(emulator.endpoint, `${30 * DAY - 61 * 60 * 1000}ms`);
  expect(await host().RotatingCredential.diff(id, outs, news)).toEqual(UNCHANGED);
  await advanceClock(emulator.endpoint, "2m");
  expect(await host().RotatingCredential.diff(id, outs, news)).toEqual(CHANGED);
});

test("other durations count from the last rotation, and rotate only if that makes it due", async () => {
  const { id, outs, news } = await created({ rotateAfter: "30d" });
  await advanceClock(emulator.endpoint, "10d");
  const { length } = await operations();
  const shorter = { ...news, rotateAfter: "20d" };
  expect(await host().RotatingCredential.diff(id, outs, shorter)).toEqual(CHANGED);
  const updated = (await host().RotatingCredential.update(id, outs, shorter)).outs as Outputs;
  expect(new Set(await operations(length))).toEqual(new Set(["listServiceAccounts"]));
  const { rotatedAt = "", nextRotationAt = "" } = updated;
  expect(Date.parse(nextRotationAt) - Date.parse(rotatedAt)).toBe(20 * DAY);

  const due = { ...news, rotateAfter: "9d" };
  await host().RotatingCredential.diff(id, updated, due);
  expect(shown).toContain("it is 10 days old, and `rotateAfter` is 9d");
  await host().RotatingCredential.update(id, updated, due);
  expect((await names()).length).toBe(2);
});

describe("with --continue-on-error", () => {
  test("a missing serviceAccountId or name counts as unchanged", async () => {
    const { id, outs, news } = await created();
    const { RotatingCredential } = host();
    const given = { ...news, serviceAccountId: null, name: null, rotateAfter: "30d" };
    const { inputs } = await RotatingCredential.check(news, { ...given, name: "key" });
    expect(await RotatingCredential.diff(id, outs, inputs)).toEqual(CHANGED);
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
      expect(await host()[type].diff(id, outs as Outputs, later)).toEqual(CHANGED);
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
  expect(await host().RotatingCredential.diff(id, outs, news)).toEqual(UNCHANGED);
  await advanceClock(emulator.endpoint, "31m");
  expect(await host().RotatingCredential.diff(id, outs, news)).toMatchObject({ changes: true });
});

test("what the preview says of a previous credential that somebody has deleted", async () => {
  const { id, outs, news } = await created({}, 1);
  await deleteCredential(outs["previousCredentialId"]);
  await advanceClock(emulator.endpoint, "2d");
  await host().RotatingCredential.diff(id, outs, news);
  expect(shown).toContain(`${outs["previousClientId"]}: it was already deleted at Keycard`);
});

describe("after the organization's label was renamed", () => {
  const old = "old-label";

  test("another name of the same organization replaces nothing, even if the current credential is deleted", async () => {
    const { id, outs, news } = await created({}, 1);
    await deleteCredential(outs["credentialId"]);
    const renamed = { ...outs, organizationId: old };
    expect(await host().RotatingCredential.diff(id, renamed, news)).toEqual(CHANGED);
  });

  test("a resource with a lost create is read and deleted by its other credentials", async () => {
    const { id, outs } = await created();
    const lost = { ...outs, organizationId: old, pendingVerification: { others: [] } };
    expect(await host().RotatingCredential.read(id, lost)).toMatchObject({ id });
    await host().RotatingCredential.delete(id, lost);
    expect(await names()).toEqual([]);
  });
});

test("another organization replaces it", async () => {
  const { id, outs, news } = await created();
  const other = await startEmulator();
  const both = await tamper(twoOrganizations(emulator, other));
  const { RotatingCredential } = hostOf(emulator, { endpoint: both.endpoint });
  const moved = { ...news, organizationId: other.organizationId };
  const difference = await RotatingCredential.diff(id, outs, moved);
  expect(difference).toEqual({ changes: true, replaces: ["organizationId"] });
  both.close();
  await other.close();
});

test.each([
  ["a ready-made token", "listServiceAccounts"],
  ["a client ID and secret", "token"],
])("with %s, a process asks for the server's time with one call of %s", async (_settings, call) => {
  const resources = [
    await created({ rotateAfter: "30d" }),
    await created({ rotateAfter: "9d", name: "two" }),
    await created({ name: "three" }),
  ];
  const { length } = await operations();
  const { clientId, clientSecret } = emulator;
  const { RotatingCredential } = hostOf(
    emulator,
    call === "token" ? { apiKey: "", clientId, clientSecret } : {},
  );
  const diffs = resources.map(({ id, outs, news }) => RotatingCredential.diff(id, outs, news));
  expect(await Promise.all(diffs)).toEqual([UNCHANGED, UNCHANGED, UNCHANGED]);
  expect(await operations(length)).toEqual([call]);
});

test("there is no `get`, and the option `id` is refused", async () => {
  expect(RotatingCredential).not.toHaveProperty("get");
  await expect(host().RotatingCredential.read("an-id", { name: "key" })).rejects.toThrow(
    "without the options id and import",
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
    const { id, outs: first, news } = await converted({ rotateWhenChanged: { a: "1" } });
    const rotated = { ...news, rotateWhenChanged: { a: "2" } };
    const second = (await host().RotatingCredential.update(id, first, rotated)).outs as Outputs;
    const next = host();
    const adopting = { ...place, name: "key", adopt: id, clientSecret: first["clientSecret"] };
    await next.ServiceAccountCredential.create(adopting);
    await next.RotatingCredential.delete(id, second);
    expect(await names()).toEqual(["key"]);
    expect(await canSignIn(first)).toBe(true);
  });

  test("a converted name that ends in a number is no drift", async () => {
    const { id, outs } = await converted({ name: "ci (1)" });
    expect((await host().RotatingCredential.read(id, outs)).props).toEqual(outs);
    expect(await names()).toEqual(["ci (1)"]);
  });

  test("ExclusiveCredentials refuses the ID of a converted resource", async () => {
    const { id, outs, news } = await converted();
    const { RotatingCredential, ExclusiveCredentials } = host();
    await RotatingCredential.diff(id, outs, news);
    const { failures } = await ExclusiveCredentials.check({}, { ...place, credentialIds: [id] });
    expect(failures.map(({ reason }) => reason).join()).toContain(
      "Replace it with the items of key.credentialIds",
    );
  });
});
