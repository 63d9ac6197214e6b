/** No sign-in fails while credentials rotate, although what uses them gets each secret late, or fails to get it at first. */
import { readFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { errorOutput, Stack, steps, triggered } from "../../support/stack";

const DAY = 24 * 60 * 60 * 1000;

interface Given {
  clientId: string;
  clientSecret: string;
}

/** Signs in all the time with what the program's resource `app` was last given, and takes that over with a delay. */
class App {
  #given: Given | undefined;
  #isRunning = true;
  readonly #loop: Promise<void>;
  /** The number of sign-ins by phase. */
  readonly signIns = new Map<string, number>();
  /** The phases in which a sign-in failed. */
  readonly failures: string[] = [];
  phase = "";

  constructor(private readonly stack: Stack) {
    this.#loop = this.#run();
  }

  async reload(): Promise<void> {
    const objects = await readFile(path.join(this.stack.project.folder, "objects.json"), "utf8");
    const [app] = Object.values(JSON.parse(objects) as Record<string, { inputs: Given }>);
    this.#given = app?.inputs;
    await this.#signIn();
  }

  async stop(): Promise<void> {
    this.#isRunning = false;
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      await this.#signIn();
      await sleep(5);
    }
  }

  async #signIn(): Promise<void> {
    const { phase } = this;
    if (this.#given === undefined) return;
    const isSignedIn = await this.stack.signsIn({ ...this.#given });
    if (isSignedIn) this.signIns.set(phase, (this.signIns.get(phase) ?? 0) + 1);
    else this.failures.push(phase);
  }
}

test.each([
  ["7d", []],
  // Revoked at once: the same test notices.
  ["0s", ["scheduled rotation", "rotation on demand"]],
] as const)(
  "with `keepPreviousFor: %p`, sign-ins fail in these phases: %p",
  async (keepPreviousFor, expected) => {
    const stack = await Stack.open();
    const given: Given = { clientId: "${key.clientId}", clientSecret: "${key.clientSecret}" };
    const program = (breach: string, fail?: string) => ({
      ...triggered(breach, { rotateAfter: "30d", keepPreviousFor }),
      app: { type: "Probe", args: { label: "app", ...given, ...(fail && { fail }) } },
    });
    await stack.apply(program("1"));
    const app = new App(stack);
    await app.reload();
    const phase = async (name: string, work: () => Promise<unknown>) => {
      app.phase = name;
      await work();
      await app.reload();
    };
    /** A phase in which the app gets the secret as late as the overlap allows. */
    const rotation = (name: string, work: () => Promise<unknown>) =>
      phase(name, async () => {
        await work();
        await stack.advance(`${7 * DAY - 60_000}ms`);
      });

    for (const name of ["first scheduled rotation", "second scheduled rotation"])
      await rotation(name, async () => {
        await stack.advance("30d");
        expect(steps(await stack.up())).toEqual(["update key", "update app"]);
      });
    await rotation("third scheduled rotation, whose secret the app gets with the second `up`", async () => {
      await stack.advance("30d");
      expect(await errorOutput(stack.apply(program("1", "update")))).toContain("it can't be changed");
      await stack.apply(program("1"));
    });
    await rotation("rotation on demand", () => stack.apply(program("2")));
    await phase("rotation that fails half-way", async () => {
      await stack.advance("30d");
      let signIns = 0;
      await stack.intercept(async ({ path }, act) => {
        // The first sign-in of the provider is its own, the second that of the new credential.
        const isRefused = path.endsWith("-token") && ++signIns === 2;
        return isRefused ? { status: 401, body: { error: "invalid_client" } } : act();
      });
      expect(await errorOutput(stack.up())).toContain("The old credential stays the current one");
    });
    await rotation("the same rotation, run again", () => stack.up());
    await phase("retirement", async () => {
      await stack.advance("2d");
      await stack.up();
    });
    await app.stop();

    expect((await stack.outputs("key"))["credentialIds"]?.length).toBe(1);
    expect(app.signIns.size).toBe(8);
    const failed = new Set(app.failures);
    if (expected.length === 0) expect(failed).toEqual(new Set());
    for (const name of expected) expect([...failed].some((one) => one.includes(name))).toBe(true);
    await stack.close();
  },
);
