import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Caller, Reachable } from "../sdk/emulatorCall";
import { callerOf, requestToken } from "../sdk/emulatorCall";
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

/** What an emulator has answered for: works on it until a call fails, and then holds what there is against it. */
class Witness {
  answers = 0;
  private readonly accounts = new Map<string, { name: string; credential?: Credential }>();
  private readonly deleted = new Set<string>();
  /** Accounts on which a call got no answer: it may have been acted on or not. */
  private readonly uncertain = new Set<string>();

  /** @param answered called after each answer */
  async work(emulator: Reachable, answered: () => unknown = () => undefined): Promise<void> {
    const caller = callerOf(emulator);
    const call: Caller = async (method, path, options) => {
      const answer = await caller(method, accounts + path, options);
      if (answer.status >= 400) throw new Error(`answered ${answer.status}`);
      this.answers++;
      return answer as never;
    };
    const one = async (): Promise<never> => {
      for (let turn = 0; ; turn++, answered()) await this.goOn(call, turn);
    };
    await Promise.allSettled(Array.from({ length: 8 }, one));
  }

  /** An account with a credential, which is then renamed or deleted. */
  private async goOn(call: Caller, turn: number): Promise<void> {
    const { id } = (await call<Account>("POST", "", { body: { name: "made" } })).body;
    const path = `/${id}`;
    const account: { name: string; credential?: Credential } = { name: "made" };
    this.accounts.set(id, account);
    const made = await call<Credential>("POST", `${path}/credentials`, { body: { name: "made" } });
    account.credential = made.body;
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
      const gone = this.deleted.has(id);
      expect(found.get(id)).toBe(gone ? undefined : name);
      if (credential) expect(await signIn(emulator, credential)).toBe(gone ? 401 : 200);
    }
  }
}

async function signIn(emulator: Reachable, { client_id, client_secret }: Credential): Promise<number> {
  const form = { grant_type: "client_credentials", client_id, client_secret };
  return (await requestToken(emulator, form)).status;
}

it("an emulator that is killed in the middle of its work has all that it answered for when it starts again", async () => {
  const witness = new Witness();
  for (const enough of [50, 150, 300]) {
    const { child, details } = await startReady("--port", "0", "--data", data);
    await witness.check(details);
    const exit = once(child, "exit");
    await witness.work(details, () => witness.answers >= enough && child.kill("SIGKILL"));
    expect(await exit).toEqual([null, "SIGKILL"]);
  }
  const { details } = await startReady("--port", "0", "--data", data);
  await witness.check(details);
});

it("an emulator that takes a file over in the middle of another's work has all that the other answered for", async () => {
  const witness = new Witness();
  let { details } = await startReady("--port", "0", "--data", data);
  for (let times = 0; times < 4; times++) {
    const next = startReady("--port", "0", "--data", data);
    await witness.work(details);
    ({ details } = await next);
    await witness.check(details);
  }
});
