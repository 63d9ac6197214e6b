import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller, Reachable } from "../support/emulatorCalls";
import { callerOf, requestToken } from "../support/emulatorCalls";
import { startReady } from "../support/command";

const accounts = "/organizations/emulator/service-accounts";
interface Account {
  id: string;
  name: string;
}
interface Credential extends Account {
  client_id: string;
  client_secret: string;
}

let folder: string;
let data: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "emulator-"));
  data = join(folder, "data");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Calls an emulator until a call fails, and later checks that everything it has confirmed exists. */
class Witness {
  responses = 0;
  private readonly accounts = new Map<string, { name: string; credential?: Credential }>();
  private readonly deleted = new Set<string>();
  /** Accounts on which a call got no response: it may have been acted on or not. */
  private readonly uncertain = new Set<string>();

  /** @param onResponse is called after each response */
  async work(emulator: Reachable, onResponse: () => unknown = () => undefined): Promise<void> {
    const caller = callerOf(emulator);
    const call: Caller = async (method, path, options) => {
      const response = await caller(method, accounts + path, options);
      if (response.status >= 400) throw new Error(`responded with ${response.status}`);
      this.responses++;
      return response as never;
    };
    const one = async (): Promise<never> => {
      for (let turn = 0; ; turn++, onResponse()) await this.changeOne(call, turn);
    };
    await Promise.allSettled(Array.from({ length: 8 }, one));
  }

  /** An account with a credential, which is then renamed or deleted. */
  private async changeOne(call: Caller, turn: number): Promise<void> {
    const { id } = (await call<Account>("POST", "", { body: { name: "created" } })).body;
    const path = `/${id}`;
    const account: { name: string; credential?: Credential } = { name: "created" };
    this.accounts.set(id, account);
    const created = await call<Credential>("POST", `${path}/credentials`, { body: { name: "created" } });
    account.credential = created.body;
    this.uncertain.add(id);
    if (turn % 3 === 0) {
      await call("DELETE", path);
      this.deleted.add(id);
    } else {
      await call("PATCH", path, { body: { name: "renamed" } });
      account.name = "renamed";
    }
    this.uncertain.delete(id);
  }

  async check(emulator: Reachable): Promise<void> {
    const { body } = await callerOf(emulator)<{ items: Account[] }>("GET", `${accounts}?limit=1000`);
    const found = new Map(body.items.map(({ id, name }) => [id, name]));
    for (const [id, { name, credential }] of this.accounts) {
      if (this.uncertain.has(id)) continue;
      const isDeleted = this.deleted.has(id);
      expect(found.get(id)).toBe(isDeleted ? undefined : name);
      if (credential === undefined) continue;
      const { client_id, client_secret } = credential;
      const form = { grant_type: "client_credentials", client_id, client_secret };
      expect((await requestToken(emulator, form)).status).toBe(isDeleted ? 401 : 200);
    }
  }
}

it("an emulator that is killed has all changes that it confirmed when it starts again", async () => {
  const witness = new Witness();
  for (const enough of [50, 150, 300]) {
    const { child, details } = await startReady("--data", data);
    await witness.check(details);
    const exit = once(child, "exit");
    await witness.work(details, () => witness.responses >= enough && child.kill("SIGKILL"));
    expect(await exit).toEqual([null, "SIGKILL"]);
  }
  const { details } = await startReady("--data", data);
  await witness.check(details);
});

it("an emulator that takes over a file in use has all changes that the other one confirmed", async () => {
  const witness = new Witness();
  let { details } = await startReady("--data", data);
  for (let times = 0; times < 4; times++) {
    const next = startReady("--data", data);
    await witness.work(details);
    ({ details } = await next);
    await witness.check(details);
  }
});
