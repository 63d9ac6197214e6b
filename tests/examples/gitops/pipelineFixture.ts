/** The surroundings of the pipelines: a repository, variables and secrets, comments, a Pulumi backend, and Keycard. */
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type ms from "ms";
import type { Emulator } from "pulumi-keycard/emulator";
import { startEmulator } from "pulumi-keycard/emulator";
import type { ServiceAccount, ServiceAccounts } from "pulumi-keycard/sdk";
import { chooseEngine, passphrase, stackName } from "../../engine";
import { keycardOf } from "../../engine/keycard";
import { advanceClock } from "../../support/clock";
import { bash, fail } from "./shell";

interface Environment {
  vars: Record<string, string>;
  secrets: Record<string, string>;
}

const GITLAB_TOKEN = "a project's token";

export class PipelineFixture {
  readonly project = resolve(__dirname, "../../../examples/gitops");
  /** A replacement in the program, which makes the branch to check out. */
  branch: [before: string, after: string] = ["", ""];
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
  /** Variables that every job has. */
  readonly ambient: Record<string, string>;
  /** Variables and secrets of the whole project, and those of each environment. */
  private readonly vars: Record<string, string>;
  private readonly environments: Record<string, Environment>;
  private readonly keycard: ServiceAccounts;
  private readonly organization: { organization_id: string };

  private constructor(
    private readonly folder: string,
    private readonly emulator: Emulator,
    /** IDs of the accounts that the pipelines sign in as; in the emulator only its own client has permissions. */
    private readonly accountIds: Record<"preview" | "production", string>,
  ) {
    const { clientId, clientSecret, endpoint, organizationId } = emulator;
    this.keycard = keycardOf(emulator);
    this.organization = { organization_id: organizationId };
    this.ambient = {
      CI: "true",
      HOME: join(folder, "home"),
      PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
      KEYCARD_ENDPOINT: endpoint,
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_NODEJS_TRANSPILE_ONLY: "true", // The linter checks the program's types.
    };
    this.vars = {
      KEYCARD_ORGANIZATION_ID: organizationId,
      KEYCARD_PREVIEW_ACCOUNT: accountIds.preview,
      KEYCARD_PRODUCTION_ACCOUNT: accountIds.production,
      PULUMI_BACKEND_URL: pathToFileURL(join(folder, "backend")).href,
      PULUMI_STACK: stackName,
    };
    const vars = { KEYCARD_CLIENT_ID: clientId };
    const pulumi = { PULUMI_ACCESS_TOKEN: "", PULUMI_CONFIG_PASSPHRASE: passphrase };
    const secrets = { KEYCARD_CLIENT_SECRET: clientSecret, ...pulumi };
    this.environments = {
      preview: { vars, secrets: { ...secrets } },
      production: { vars, secrets },
      comment: { vars: {}, secrets: { GITLAB_TOKEN } },
    };
  }

  static async open(): Promise<PipelineFixture> {
    const folder = await mkdtemp(join(tmpdir(), "keycard-pipelines-"));
    const emulator = await startEmulator();
    const createAccount = async (name: string) =>
      (await keycardOf(emulator).create(emulator.organizationId, { name })).id;
    const fixture = new PipelineFixture(folder, emulator, {
      preview: await createAccount("preview"),
      production: await createAccount("production"),
    });
    for (const name of ["bin", "home", "backend"]) await mkdir(join(folder, name));
    await fixture.installCommands();
    const cwd = await fixture.newFolder();
    await fixture.checkOut(cwd);
    const env = { ...fixture.ambient, ...fixture.vars, PULUMI_CONFIG_PASSPHRASE: passphrase };
    const { code, log } = await bash(`pulumi stack init ${stackName}`, [], { cwd, env });
    return code === 0 ? fixture : fail(log);
  }

  async close(): Promise<void> {
    await this.emulator.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Puts the commands that the jobs use into a folder on the PATH. */
  private async installCommands(): Promise<void> {
    const { CI_API_V4_URL, CI_PROJECT_ID } = this.gitlab;
    const issues = `repos/${this.github.repository}/issues`;
    const notes = `${CI_API_V4_URL}/projects/${CI_PROJECT_ID}/merge_requests/5/notes`;
    const onGitHub = { list: `${issues}/12/comments`, edit: `${issues}/comments` };
    const forges = {
      gh: { me: "github-actions[bot]", token: this.github.token, ...onGitHub },
      curl: { me: 7, token: GITLAB_TOKEN, list: notes, edit: notes },
    };
    // A comment by somebody else, with the same beginning as ours.
    const comments = [{ id: 1, by: "mallory", body: "<!-- keycard-gitops --> gotcha" }];
    for (const [command, forge] of Object.entries(forges)) {
      await writeFile(this.forgeFile(command), JSON.stringify({ ...forge, comments }));
      await this.install(command, "forge.js", command, this.forgeFile(command));
    }
    await this.install("npm", "npm.js");
    if ((await chooseEngine()) === "stand-in") await this.install("pulumi", "pulumi.js");
  }

  private async install(command: string, script: string, ...args: string[]): Promise<void> {
    const words = [process.execPath, join(__dirname, "bin", script), ...args].map((word) => `'${word}'`);
    const content = `#!/bin/sh\nexec ${words.join(" ")} "$@"\n`;
    await writeFile(join(this.folder, "bin", command), content, { mode: 0o755 });
  }

  private forgeFile(command: string): string {
    return join(this.folder, `${command}.json`);
  }

  /** Returns all comments on GitHub (`gh`) or on GitLab (`curl`). */
  async comments(command: "gh" | "curl"): Promise<string[]> {
    const forge = JSON.parse(await readFile(this.forgeFile(command), "utf8")) as {
      comments: { body: string }[];
    };
    return forge.comments.map(({ body }) => body);
  }

  newFolder(): Promise<string> {
    return mkdtemp(join(this.folder, "job-"));
  }

  async checkOut(folder: string): Promise<void> {
    await cp(this.project, folder, { recursive: true });
    const program = join(folder, "index.ts");
    await writeFile(program, (await readFile(program, "utf8")).replace(...this.branch));
  }

  /** Returns the variables and secrets of a job with this environment. */
  environment(name: string | undefined): Environment {
    if (name === undefined) return { vars: this.vars, secrets: {} };
    const { vars, secrets } = this.environments[name] ?? fail(`There is no environment "${name}".`);
    return { vars: { ...this.vars, ...vars }, secrets };
  }

  /** Checks that what people can read of a job contains no secret. */
  publish(text: string): string {
    for (const { secrets } of Object.values(this.environments))
      for (const [name, secret] of Object.entries(secrets))
        if (secret && text.includes(secret)) fail(`A job published ${name}.`);
    return text;
  }

  /** Returns the only account that the program declares. */
  async deployer(): Promise<ServiceAccount> {
    const { items } = await this.keycard.list(this.emulator.organizationId);
    const [account, ...more] = items.filter(({ id }) => !Object.values(this.accountIds).includes(id));
    expect(more).toEqual([]);
    return account ?? fail("The account does not exist.");
  }

  /** Returns the names of the account's credentials. */
  async credentials(): Promise<string[]> {
    const { items } = await this.keycard.credentials.list((await this.deployer()).id, this.organization);
    return items.map(({ name }) => name);
  }

  /** Moves Keycard's clock forward. */
  advance(duration: ms.StringValue): Promise<void> {
    return advanceClock(this.emulator.endpoint, duration);
  }

  /** Changes the account by hand, and creates a credential for it. */
  async drift(change: { name: string; description?: string }, credential: string): Promise<void> {
    const { id } = await this.deployer();
    await this.keycard.update(id, { ...this.organization, ...change });
    await this.keycard.credentials.create(id, { ...this.organization, name: credential });
  }
}
