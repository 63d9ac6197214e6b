/** Creates that are pending verification: calls of the provider host, one at a time, without an engine. */
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "../../../dist/sdk";
import type { PendingVerification } from "../../../dist/provider/create/pendingVerification";
import { InitializationError } from "../../../dist/provider/errors";
import { serviceAccount } from "../../../dist/provider/resources/serviceAccount";
import { serviceAccountCredential } from "../../../dist/provider/resources/serviceAccountCredential";
import { Session } from "../../../dist/provider/session/context";
import { keycardOf } from "../../engine/keycard";
import { hostOf } from "../../support/host";

type State = Parameters<typeof serviceAccount.delete>[1];
type Inputs = Parameters<typeof serviceAccount.create>[0];
type Pending = InitializationError & { properties: State & { pendingVerification: PendingVerification } };
/** Replaces a response after the server has acted; `undefined` leaves it as it is. */
type Tamper = (isCreate: boolean, response: Response) => Response | undefined;

let emulator: Emulator;
let organizationId: string;
let tamper: Tamper;
beforeEach(async () => {
  emulator = await startEmulator();
  organizationId = emulator.organizationId;
  tamper = () => undefined;
});
afterEach(() => emulator.close());

/** Returns the context of a provider process that has just started. */
function newProcess() {
  const { endpoint: baseURL, clientId: clientID, clientSecret } = emulator;
  const tampered = async (url: string, init: object) => {
    const response = await fetch(url, init);
    const isCreate = (init as RequestInit).method === "POST" && url.endsWith("/service-accounts");
    return tamper(isCreate, response) ?? response;
  };
  const client = new KeycardAPI({ baseURL, clientID, clientSecret, maxRetries: 0, fetch: tampered as never });
  return { client, organizationId, ...new Session(), logInfo: () => undefined };
}

const ids = async () => (await keycardOf(emulator).list(organizationId)).items.map(({ id }) => id);

/** Creates accounts, and loses the responses to the creates and all responses after them. */
async function createPending(all: Omit<Inputs, "organizationId">[], context = newProcess()) {
  let begun = 0;
  tamper = (isCreate) => {
    if (!(isCreate && begun++ < all.length) && begun === 0) return undefined;
    return new Response("{}", { status: 502, headers: { date: new Date().toUTCString() } });
  };
  const create = (args: Omit<Inputs, "organizationId">) =>
    serviceAccount.create({ organizationId, ...args }, context).catch((error: unknown) => error);
  const errors = await Promise.all(all.map(create));
  tamper = () => undefined;
  return errors.filter((error): error is Pending => error instanceof InitializationError);
}

test("of two creates of a name, one is pending verification and the other is not begun", async () => {
  const twins = await createPending([{ name: "x" }, { name: "x" }]);
  expect(twins.length).toBe(1);
  expect((await ids()).length).toBe(1);
  const context = newProcess();
  for (const { id, properties } of twins) await serviceAccount.delete(id, properties, context);
  expect(await ids()).toEqual([]);
});

test("an adopted account is not deleted for a create that is pending verification", async () => {
  const context = newProcess();
  const [lost] = await createPending([{ name: "x" }], context);
  const adopting = { organizationId, name: "x", adopt: true };
  const adopted = await serviceAccount.create(adopting, context).catch(() => undefined);
  if (lost) await serviceAccount.delete(lost.id, lost.properties, newProcess());
  expect(await ids()).toEqual(adopted ? [adopted.id] : []);
});

test("an account with another description is no candidate", async () => {
  const [one] = await createPending([{ name: "x", description: "one" }]);
  const [two] = await createPending([{ name: "x", description: "two" }]);
  const theirs = await keycardOf(emulator).create(organizationId, { name: "x", description: "one" });
  const context = newProcess();
  for (const { id, properties } of [one, two].flatMap((found) => found ?? [])) {
    properties.pendingVerification.until = theirs.created_at; // As if it had been created meanwhile.
    await serviceAccount.diff(id, properties, properties, context);
  }
  const removal = serviceAccount.delete(String(one?.id), one?.properties as State, context);
  await expect(removal).rejects.toThrow(theirs.id);
});

test("only a credential whose secret was lost with its response is replaced for a missing secret", async () => {
  const inputs = { organizationId, serviceAccountId: "an-account", name: "key" };
  const state = { ...inputs, clientId: "a-client", createdAt: "2026-01-01T00:00:00Z" };
  const { diff } = serviceAccountCredential;
  expect(await diff("an-id", state, inputs, newProcess())).toEqual({ changes: false, replaces: [] });
  const lost = await diff("an-id", { ...state, secretLost: true }, inputs, newProcess());
  expect(lost).toEqual({ changes: true, replaces: ["clientSecret"] });
});

test("an account that was created just before the search failed is found, although the last response was slow", async () => {
  let isLost = false;
  let later = 0;
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, "now").mockImplementation(() => now() + later);
  tamper = (isCreate, response) => {
    isLost ||= isCreate;
    if (isLost) throw Object.assign(new Error("cut"), { code: isCreate ? "ECONNRESET" : "ECONNREFUSED" });
    later += 8000;
    const date = new Date(Date.now() - 8000).toUTCString(); // The time of the response's first byte.
    return new Response(response.body, { status: response.status, headers: { date } });
  };
  const { id, properties } = (await serviceAccount
    .create({ organizationId, name: "x" }, newProcess())
    .catch((error: unknown) => error)) as InitializationError;
  tamper = () => undefined;
  clock.mockRestore();
  await serviceAccount.delete(id, properties as State, newProcess());
  expect(await ids()).toEqual([]);
});

test("a replacement without a diff (--replace) does not delete the account that it adopts", async () => {
  const { id } = await keycardOf(emulator).create(organizationId, { name: "x" });
  const { ServiceAccount } = hostOf(emulator);
  // For `pulumi up --replace <urn>`, the engine checks the resource as a new one and calls no diff.
  const { inputs } = await ServiceAccount.check({}, { name: "x", adopt: id });
  const created = await ServiceAccount.create(inputs);
  await ServiceAccount.delete(id, { name: "x", organizationId });
  expect(await ids()).toEqual([created.id]);
});
