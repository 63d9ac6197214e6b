import { once, setMaxListeners } from "node:events";
import type { Server } from "node:http";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { loadApi } from "./api";
import { openStore } from "./dataFile";
import { serve } from "./server";
import { Service } from "./service";
import { Store } from "./store";

export type { FaultRule, LoggedRequest, OperationId } from "./types";

const HOST = "127.0.0.1";

/** Options of `startEmulator`. */
export interface EmulatorOptions {
  /** Port to listen on, 0 to 65535; 0 means a free one. Default 0. */
  port?: number;
  /** Lifetime of access tokens in whole seconds; with 0 they are expired when issued. Default 3600. */
  tokenLifetime?: number;
  /**
   * File that keeps the data when the process ends, in whatever way. Default: none. A missing file is created. Only its owner
   * can read it, and of secrets and tokens it holds only hashes. One emulator at a time can use it: another one that starts with
   * the same file takes it over, and the first one then responds with 500 to sign-ins and changes.
   */
  data?: string;
}

/** A running emulator, and the settings for its clients. */
export interface Emulator {
  /** Its address, such as `http://127.0.0.1:4010`. */
  readonly endpoint: string;
  readonly organizationId: string;
  readonly organizationLabel: string;
  /** With `clientSecret`, a client that may call all operations. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** A token of that client that does not expire. */
  readonly apiKey: string;
  /** Stops the emulator and cuts open connections; without a `data` file, the data is deleted. May be called again. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of the Keycard API with one empty organization. It listens on the loopback interface only, and shares
 * nothing with other emulators of the process. Without a `data` file, it keeps everything in memory. With one, every change is
 * on the disk before its response is sent, and a later start with the file continues with the same data, organization and
 * client. Each start issues a new `clientSecret` and `apiKey`, because the file holds only hashes; the earlier ones stay valid.
 * Fault rules and the log of calls are not kept.
 *
 * @remarks Where Keycard's documentation is silent, the emulator is strict: it refuses query parameters that an operation does
 * not have, calls with a service account's token (403), and cursors of another list. Lists are in the order of creation.
 * `expand[]=total_count` is accepted without effect, because no documented response has a field for it.
 *
 * @throws RangeError for an option that is out of range; the system's error, such as EADDRINUSE; Error with file and line if
 * the file is damaged or not an emulator's, which leaves the file as it is
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
    // Not before it has the port: a start that fails must not take the file from the emulator that uses both.
    const store = data === undefined ? new Store() : openStore(data);
    const stopped = new AbortController();
    setMaxListeners(0, stopped.signal); // Each delayed call adds a listener.
    serve(server, new Service(api, store, tokenLifetime), stopped.signal);
    const { organization, administratorId } = store.origin;
    let stopping: Promise<void> | undefined;
    return {
      endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
      organizationId: organization.id,
      organizationLabel: organization.label,
      clientId: administratorId,
      clientSecret: store.addAdministratorSecret(),
      apiKey: store.addToken(administratorId),
      close: () => (stopping ??= stop(server, stopped, store)),
    };
  } catch (error) {
    server.close();
    throw error;
  }
}

async function stop(server: Server, stopped: AbortController, store: Store): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopped.abort();
  server.closeAllConnections();
  await closed;
  store.persistence.close();
}

function checkWhole(name: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(`${name} must be a whole number from 0 to ${maximum}.`);
}
