/** What surrounds the pipelines: a project to check out, variables and secrets, comments, a back end, and Keycard. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type { ServiceAccount, ServiceAccounts } from "pulumi-keycard/sdk";
import { chooseEngine, passphrase, stackName } from "../../engine";
import { keycardOf } from "../../engine/keycard";
import { fail } from "./expressions";
import { bash } from "./shell";

interface Variables {
  vars: Record<string, string>;
  secrets: Record<string, string>;
}

interface Comment {
  by: string | number;
  body: string;
}

const bin = join(__dirname, "bin");

export class World {
  /** The example, as it is in this repository. */
  readonly project = resolve(__dirname, "../../../examples/gitops");
  /** What of its program a branch has replaced. */
  branch: [before: string, after: string] = ["", ""];
  /** The variables that a runner has, whatever it runs. */
  readonly ambient: Record<string, string>;
  readonly github = {
    repository: "acme/keycard",
    actor: "ada",
    token: "a job's token",
    event: { number: "12", pull_request: { head: { repo: { full_name: "acme/keycard" } } } },
  };
  readonly gitlab = {
    CI_API_V4_URL: "https://gitlab.test/api/v4",
    CI_PROJECT_ID: "42",
    CI_DEFAULT_BRANCH: "main",
  };
  /** The project's variables and secrets, by environment. */
  readonly environments: Record<string, Variables>;
  private readonly vars: Record<string, string>;

  private constructor(
    private readonly folder: string,
    readonly emulator: Emulator,
    /** IDs of the accounts that the pipelines sign in as. The emulator, though, lets no account do anything. */
    private readonly own: Record<"preview" | "production", string>,
  ) {
    const { clientId, clientSecret, endpoint, organizationId } = emulator;
    this.ambient = {
      CI: "true",
      HOME: join(folder, "home"),
      PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
      KEYCARD_ENDPOINT: endpoint,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true", // the linter checks its types already
    };
    this.vars = {
      KEYCARD_ORGANIZATION_ID: organizationId,
      KEYCARD_PREVIEW_ACCOUNT: own.preview,
      KEYCARD_PRODUCTION_ACCOUNT: own.production,
      PULUMI_BACKEND_URL: pathToFileURL(join(folder, "backend")).href,
      PULUMI_STACK: stackName,
    };
    const keycard = (): Variables => ({
      vars: { KEYCARD_CLIENT_ID: clientId },
      secrets: {
        KEYCARD_CLIENT_SECRET: clientSecret,
        PULUMI_ACCESS_TOKEN: "",
        PULUMI_CONFIG_PASSPHRASE: passphrase,
      },
    });
    this.environments = {
      preview: keycard(),
      production: keycard(),
      comment: { vars: {}, secrets: { GITLAB_TOKEN: "a project's token" } },
    };
  }

  static async open(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), "keycard-pipelines-"));
    const emulator = await startEmulator();
    const signUp = async (name: string) =>
      (await keycardOf(emulator).create(emulator.organizationId, { name })).id;
    const own = { preview: await signUp("preview"), production: await signUp("production") };
    const world = new World(folder, emulator, own);
    for (const name of ["bin", "home", "backend"]) await mkdir(join(folder, name));
    await world.equip();
    const { code, log } = await bash(`pulumi stack init ${stackName}`, [], {
      cwd: await world.checkOut(await world.newFolder()),
      env: { ...world.ambient, ...world.vars, PULUMI_CONFIG_PASSPHRASE: passphrase },
    });
    if (code !== 0) throw new Error(log);
    return world;
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Puts the commands on the PATH that the tests bring along. */
  private async equip(): Promise<void> {
    const { CI_API_V4_URL, CI_PROJECT_ID } = this.gitlab;
    const issues = `repos/${this.github.repository}/issues`;
    const notes = `${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/merge_requests/5/notes`;
    await this.openForge("gh", "github-actions[bot]", this.github.token, {
      list: `${issues}/12/comments`,
      edit: `${issues}/comments`,
    });
    await this.openForge("curl", 7, "a project's token", { list: notes, edit: notes });
    await this.install("npm", join(bin, "npm.js"));
    if ((await chooseEngine()) === "stand-in") await this.install("pulumi", join(bin, "pulumi.js"));
  }

  /** Somebody else has commented already, beginning with what ours begin with. */
  private async openForge(command: string, me: string | number, token: string, paths: object): Promise<void> {
    const comments = [{ id: 1, by: "mallory", body: "<!-- keycard-gitops --> gotcha" }];
    await writeFile(this.forge(command), JSON.stringify({ me, token, ...paths, comments }));
    await this.install(command, join(bin, "forge.js"), command, this.forge(command));
  }

  private async install(command: string, ...args: string[]): Promise<void> {
    const quoted = args.map((arg) => `'${arg}'`).join(" ");
    const script = `#!/bin/sh\nexec '${process.execPath}' ${quoted} "$@"\n`;
    await writeFile(join(this.folder, "bin", command), script, { mode: 0o755 });
  }

  private forge(command: string): string {
    return join(this.folder, `${command}.json`);
  }

  /** All comments that there are, on GitHub (`gh`) or on GitLab (`curl`). */
  async comments(command: "gh" | "curl"): Promise<Comment[]> {
    return (JSON.parse(await readFile(this.forge(command), "utf8")) as { comments: Comment[] }).comments;
  }

  newFolder(): Promise<string> {
    return mkdtemp(join(this.folder, "job-"));
  }

  async checkOut(folder: string): Promise<string> {
    await cp(this.project, folder, { recursive: true });
    const program = join(folder, "index.ts");
    await writeFile(program, (await readFile(program, "utf8")).replace(...this.branch));
    return folder;
  }

  /** What jobs of that environment are given; what belongs to the project as a whole is given to all. */
  environment(name: string | undefined): Variables {
    if (name === undefined) return { vars: this.vars, secrets: {} };
    const { vars, secrets } = this.environments[name] ?? fail(`There is no environment "${name}".`);
    return { vars: { ...this.vars, ...vars }, secrets };
  }

  /** What a runner keeps of what a job wrote: people read it, so there must be no secret in it. */
  publish(written: string): string {
    for (const { secrets } of Object.values(this.environments))
      for (const [name, secret] of Object.entries(secrets))
        if (secret && written.includes(secret)) fail(`${name} is in what a job wrote.`);
    return written;
  }

  /** The accounts at Keycard that the pipelines do not sign in as. */
  async declared(): Promise<ServiceAccount[]> {
    const { items } = await this.keycard.list(this.emulator.organizationId);
    return items.filter(({ id }) => !Object.values(this.own).includes(id));
  }

  /** A client that may do everything, as somebody has who changes things by hand. */
  get keycard(): ServiceAccounts {
    return keycardOf(this.emulator);
  }
}
