import { badRequest, methodNotAllowed, notFound } from "../errors";
import type { Faults } from "../faults";
import type { Request, RequestHead, Response } from "../http";
import { parseBody } from "../http";
import type { Store } from "../store";
import type { LoggedRequest } from "../types";

const PREFIX = "/_emulator/";

/** A hundred years, so that all times keep four digits for the year. */
const MAX_ADVANCE_MS = 100 * 365 * 24 * 60 * 60 * 1000;

/** Reports whether a request is for the emulator itself, not for the API. */
export const isControl = ({ path }: RequestHead): boolean => path.startsWith(PREFIX);

/** The emulator's state that tests control. */
export interface Controlled {
  readonly faults: Faults;
  readonly store: Store;
  readonly log: readonly LoggedRequest[];
}

/** Lists the calls so far, adds and removes fault rules, moves the clock. Requires no authorization. */
export function control(request: Request, { faults, store, log }: Controlled): Response {
  const routes: Record<string, Record<string, () => Response>> = {
    requests: { GET: () => ({ status: 200, body: log }) },
    faults: {
      POST: () => {
        faults.add(parseBody("application/json", request));
        return { status: 204 };
      },
      DELETE: () => {
        faults.clear();
        return { status: 204 };
      },
    },
    clock: {
      POST: () => {
        store.advanceClock(advanceIn(parseBody("application/json", request)));
        return { status: 200, body: { now: new Date(store.now()).toISOString() } };
      },
    },
  };
  const methods = new Map(Object.entries(routes)).get(request.path.slice(PREFIX.length));
  if (!methods)
    throw notFound(
      "The emulator has no such path. Its own paths are /_emulator/requests, /_emulator/faults and /_emulator/clock.",
    );
  const method = new Map(Object.entries(methods)).get(request.method);
  if (!method) throw methodNotAllowed(Object.keys(methods));
  return method();
}

/** Returns the milliseconds by which a request moves the clock. */
function advanceIn(body: unknown): number {
  const { advanceMs, ...others } = (body ?? {}) as { advanceMs?: unknown };
  const isValid =
    Number.isInteger(advanceMs) && Number(advanceMs) >= 0 && Number(advanceMs) <= MAX_ADVANCE_MS;
  if (isValid && Object.keys(others).length === 0) return Number(advanceMs);
  throw badRequest(
    `The body must be {"advanceMs": N} with a whole number of milliseconds from 0 to ${MAX_ADVANCE_MS}: the clock moves only forward.`,
  );
}
