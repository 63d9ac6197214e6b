import type { Server } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { loadApi } from "./api";
import { createHttpServer } from "./server";
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
  /** Stops it, cutting connections that are still open; what it held is gone. Safe to call again. */
  close(): Promise<void>;
}

/**
 * Starts an emulator of Keycard on this machine, with one organization and nothing in it. It listens on the loopback
 * interface only, keeps everything in memory, and shares nothing with other emulators in the same process.
 *
 * @remarks Where Keycard's documentation is silent, the emulator is strict: query parameters that an operation does not
 * have are refused, a service account's own token is valid but may do none of the ten operations (403), and cursors are
 * good for the list that gave them only. Lists are in the order of creation. `expand[]=total_count` is accepted and adds
 * nothing, since no documented answer has a place for it.
 *
 * @throws RangeError for an option that is out of range; the system's error, such as EADDRINUSE, when it cannot listen
 */
export async function startEmulator({
  port = 0,
  tokenLifetime = 3600,
}: EmulatorOptions = {}): Promise<Emulator> {
  checkWhole("port", port, 65535);
  checkWhole("tokenLifetime", tokenLifetime, 1e9);
  const store = new Store();
  const { client, clientSecret } = store.addAdministrator();
  const tokens = new Tokens(store, tokenLifetime);
  const stopped = new AbortController();
  const server = createHttpServer(new Service(await loadApi(), store, tokens), stopped.signal);
  await once(server.listen(port, HOST), "listening");
  return {
    endpoint: `http://${HOST}:${(server.address() as AddressInfo).port}`,
    organizationId: store.organization.id,
    organizationLabel: store.organization.label,
    clientId: client.id,
    clientSecret,
    apiKey: tokens.issueForever(client),
    close: () => stop(server, stopped),
  };
}

async function stop(server: Server, stopped: AbortController): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  stopped.abort();
  server.closeAllConnections();
  await closed;
}

function checkWhole(name: string, value: number, maximum: number): void {
  if (Number.isInteger(value) && value >= 0 && value <= maximum) return;
  throw new RangeError(`${name} must be a whole number from 0 to ${maximum}.`);
}
