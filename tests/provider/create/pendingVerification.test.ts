/** What a provider host does that is given only some of the resources, one after the other. No engine: just its calls. */
import { startEmulator } from "pulumi-keycard/emulator";
import type { Emulator } from "pulumi-keycard/emulator";
import { KeycardAPI } from "../../../dist/sdk";
import type { PendingVerification } from "../../../dist/provider/create/pendingVerification";
import { InitializationError } from "../../../dist/provider/errors";
import { ServiceAccount } from "../../../dist/provider/hosts/dynamic";
import { serviceAccount } from "../../../dist/provider/resources/serviceAccount";
import { serviceAccountCredential } from "../../../dist/provider/resources/serviceAccountCredential";
import { Session } from "../../../dist/provider/session/context";
import { keycardOf } from "../../engine/keycard";

type State = Parameters<typeof serviceAccount.delete>[1];
type Inputs = Parameters<typeof serviceAccount.create>[0];
/** What comes in place of an answer, once the server has acted; `undefined` leaves the answer as it is. */
type Tamper = (isCreation: boolean, answer: Response) => Response | undefined;

let emulator: Emulator;
let tamper: Tamper;
beforeEach(async () => {
  emulator = await startEmulator();
  tamper = () => undefined;
});
afterEach(() => emulator.close());

/** A host that has just begun. */
function host() {
  const { endpoint: baseURL, clientId: clientID, clientSecret, organizationId } = emulator;
  const tampered = async (url: string, init: object) => {
    const answer = await fetch(url, init);
    const isCreation = (init as RequestInit).method === "POST" && url.endsWith("/service-accounts");
    return tamper(isCreation, answer) ?? answer;
  };
  const client = new KeycardAPI({ baseURL, clientID, clientSecret, maxRetries: 0, fetch: tampered as never });
  return { client, organizationId, ...new Session(), logInfo: () => undefined };
}

const plain = () => keycardOf(emulator);
const ids = async () => (await plain().list(emulator.organizationId)).items.map(({ id }) => id);
const failed = () => new Response("{}", { status: 502, headers: { date: new Date().toUTCString() } });

/** Loses the answers to so many creates, and all that come after. */
function losing(creates: number): Tamper {
  let begun = 0;
  return (isCreation) => ((isCreation && begun++ < creates) || begun > 0 ? failed() : undefined);
}

/** Creates that are left pending verification, each in the state under its ID. */
async function pending(all: Omit<Inputs, "organizationId">[], keycard = host()) {
  tamper = losing(all.length);
  const inputs = all.map((args) => ({ organizationId: emulator.organizationId, ...args }));
  const errors = await Promise.all(
    inputs.map((args) => serviceAccount.create(args, keycard).catch((error: unknown) => error)),
  );
  tamper = () => undefined;
  const kept = errors.filter((error) => error instanceof InitializationError);
  return kept.map(({ id, properties }) => ({
    id,
    state: properties as State & { pendingVerification: PendingVerification },
  }));
}

test("of twins one is pending verification, the other is not begun, and what was created is removed", async () => {
  const twins = await pending([{ name: "x" }, { name: "x" }]);
  expect(twins.length).toBe(1);
  expect((await ids()).length).toBe(1);
  const keycard = host();
  for (const { id, state } of twins) await serviceAccount.delete(id, state, keycard);
  expect(await ids()).toEqual([]);
});

test("what was adopted beside one that is pending verification is not removed for it", async () => {
  const keycard = host();
  const [lost] = await pending([{ name: "x" }], keycard);
  const adopting = { organizationId: emulator.organizationId, name: "x", adopt: true };
  const adopted = await serviceAccount.create(adopting, keycard).catch(() => undefined);
  if (lost) await serviceAccount.delete(lost.id, lost.state, host());
  expect(await ids()).toEqual(adopted ? [adopted.id] : []);
});

test("those of another description do not count", async () => {
  const both = [
    ...(await pending([{ name: "x", description: "one" }])),
    ...(await pending([{ name: "x", description: "two" }])),
  ];
  const stranger = await plain().create(emulator.organizationId, { name: "x", description: "one" });
  const keycard = host();
  for (const { id, state } of both) {
    state.pendingVerification.until = stranger.created_at; // It was made meanwhile.
    await serviceAccount.diff(id, state, state, keycard);
  }
  const removal = serviceAccount.delete(String(both[0]?.id), both[0]?.state as State, keycard);
  await expect(removal).rejects.toThrow(stranger.id);
});

test("only a credential whose secret was lost with its response is replaced for want of one", async () => {
  const inputs = { organizationId: emulator.organizationId, serviceAccountId: "an-account", name: "key" };
  const state = { ...inputs, clientId: "a-client", createdAt: "2026-01-01T00:00:00Z" };
  const readOnly = await serviceAccountCredential.diff("an-id", state, inputs, host());
  expect(readOnly).toEqual({ changes: false, replaces: [] });
  const lost = await serviceAccountCredential.diff("an-id", { ...state, secretLost: true }, inputs, host());
  expect(lost).toEqual({ changes: true, replaces: ["clientSecret"] });
});

test("what was made just before looking failed is found, although the last answer was a slow one", async () => {
  let lost = false;
  let later = 0;
  const now = performance.now.bind(performance);
  const clock = jest.spyOn(performance, "now").mockImplementation(() => now() + later);
  tamper = (isCreation, answer) => {
    lost ||= isCreation;
    if (lost) throw Object.assign(new Error("cut"), { code: isCreation ? "ECONNRESET" : "ECONNREFUSED" });
    later += 8000;
    const begun = new Date(Date.now() - 8000).toUTCString(); // When its first byte was written.
    return new Response(answer.body, { status: answer.status, headers: { date: begun } });
  };
  const inputs = { organizationId: emulator.organizationId, name: "x" };
  const { id, properties } = (await serviceAccount
    .create(inputs, host())
    .catch((error: unknown) => error)) as InitializationError;
  tamper = () => undefined;
  clock.mockRestore();
  await serviceAccount.delete(id, properties as State, host());
  expect(await ids()).toEqual([]);
});

test("a replacement that the engine forces, without asking what changed, does not delete what it takes over", async () => {
  const { id } = await plain().create(emulator.organizationId, { name: "x" });
  const { endpoint, clientId, clientSecret, organizationId } = emulator;
  const config = { endpoint, clientId, clientSecret, organizationId };
  ServiceAccount.configure({
    config: { get: (key) => config[key.replace("keycard:", "") as keyof typeof config] },
  });
  // `pulumi up --replace <urn>`: checked as if it were new, not diffed, made, and the old one deleted.
  const { inputs } = await ServiceAccount.check({}, { name: "x", adopt: id });
  const made = await ServiceAccount.create(inputs);
  await ServiceAccount.delete(id, { name: "x", organizationId });
  expect(await ids()).toEqual([made.id]);
});
