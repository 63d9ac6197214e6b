import { join } from "node:path";
import type { HostOptions, RemoteProvider } from "./host";
import { WarmHost } from "./warmHost";

/** The packages whose providers run in processes of their own. */
export type HostedPackage = "pulumi-nodejs" | "keycard";

/** Starts the providers of one stack. */
export class Hosts {
  private readonly dynamic: WarmHost;
  private readonly native: WarmHost;

  /** @param options.shortWaits shortens the waits between attempts of a call */
  constructor({ shortWaits = false } = {}) {
    const execArgv = shortWaits ? ["--require", join(__dirname, "shortWaits.js")] : [];
    this.dynamic = new WarmHost("pulumi-nodejs", execArgv);
    this.native = new WarmHost("keycard", execArgv);
  }

  /** @param onLine receives the lines that the provider prints for the user */
  start(name: HostedPackage, options: HostOptions, onLine: (line: string) => void): Promise<RemoteProvider> {
    return (name === "keycard" ? this.native : this.dynamic).start(options, onLine);
  }

  /** Kills the processes of all providers, as `kill -9` does. */
  async kill(): Promise<void> {
    await Promise.all([this.dynamic.kill(), this.native.kill()]);
  }
}
