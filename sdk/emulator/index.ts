import { once, setMaxListeners } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadApi } from "./api";
import type { Journal } from "./journal";
import { inMemory, JournalFile } from "./journal";
import { answerCalls } from "./server";
import { Service } from "./service";
import { Store } from "./store";
import { Tokens } from "./tokens";

export type { FaultRule, LoggedRequest, OperationId } from "./types";

const HOST = "127.0.0.1";

/** How the emulator is started. */
export interface EmulatorOptions {
  /** The port to listen on, 0 to 65535; 0, the default, takes a free one. */
  port?: number;
  /** How long access tokens are valid, in whole seconds from 0 (expired when issued); default 3600. */
  tokenLifetime?: number;
  /**
   * The file to keep the data in, so that they outlive the process, however it ends; default: none. It is made when it is
   * missing. Only its owner may read it, and of secrets and tokens it holds nothing but hashes. It is for one emulator at a
   * time: one that is started with a file in use takes it over, and the other then answers 500 to sign-ins and to whatever
   * changes something.
   */
  data?: string;
}

/** A running emulator, and what a client needs to use it. */
export interface Emulator {
  /** Where it listens, such as `http://127.0.0.1:4010`. */
  readonly endpoint: string;
  readonly organizationId: string;
  readonly organizationLabel: string;
  /** With `clientSecret`, a client that may do everything. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** A ready-made token of that client, which does not expire. */
  readonly apiKey: string;
  /** Stops it, cutting connections that are still open; without a `data` file, what it held is gone. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of Keycard on this machine, with one organization and nothing in it. It listens on the loopback
 * interface only and shares nothing with other emulators in the same process. It keeps everything in memory, unless it is
 * given a `data` file: then whatever it answers for, sign-ins included, is on the disk before it is answered, and a later
 * start with that file goes on from there, with the same organization and client. Since only hashes are kept, each start
 * issues another `clientSecret` and `apiKey`; the earlier ones stay good. Fault rules and the log of requests are not kept.
 *
 * @remarks Where Keycard's documentation is silent, the emulator is strict: query parameters that an operation does not
 * have are refused, a service account's own token is valid but may do none of the ten operations (403), and cursors are
 * good for the list that gave them only. Lists are in the order of creation. `expand[]=total_count` is accepted and adds
 * nothing, since no documented answer has a place for it.
 *
 * @throws RangeError for an option that is out of range; the system's error, such as EADDRINUSE, when it cannot listen or use
 * the file; Error that names the file and the line when that is damaged or no emulator's, and then it is left as it is
 */
export async function startEmulator({
  port = 0,
  tokenLifetime = 3600,
  data,
}: EmulatorOptions = {}): Promise<Emulator> {
  checkWhole("port", port, 65535);
  checkWhole("tokenLifetime", tokenLifetime, 1e9);
  const api = await loadApi();
  const server = createServer();
  await once(server.listen(port, HOST), "listening");
  try {
    // Now that it has the port: who fails for want of it must not take the file from the emulator that uses both.
    const journal = data === undefined ? inMemory() : JournalFile.open(data);
    const store = new Store(journal);
    const tokens = new Tokens(store, tokenLifetime);
    const stopped = new AbortController();
    setMaxListeners(0, stopped.signal); // Any number of delayed calls may wait for it.
    answerCalls(server, new Service(api, store, tokens), stopped.signal);
    let stopping: Promise<void> | undefined;
    return {
      endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
      ...identify(store, tokens),
      close: () => (stopping ??= stop(server, stopped, journal)),
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

function identify(store: Store, tokens: Tokens): Omit<Emulator, "endpoint" | "close"> {
  const { origin, administrator } = store.state;
  return {
    organizationId: origin.organization.id,
    organizationLabel: origin.organization.label,
    clientId: administrator.id,
    clientSecret: store.addAdministratorSecret(),
    apiKey: tokens.issueForever(administrator),
  };
}

async function stop(server: Server, stopped: AbortController, journal: Journal): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopped.abort();
  server.closeAllConnections();
  await closed;
  journal.close();
}

function checkWhole(name: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(`${name} must be a whole number from 0 to ${maximum}.`);
}
