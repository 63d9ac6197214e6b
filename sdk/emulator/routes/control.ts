import { methodNotAllowed, notFound } from "../errors";
import type { Faults } from "../faults";
import type { Request, RequestHead, Response } from "../http";
import { parseBody } from "../http";
import type { LoggedRequest } from "../types";

const PREFIX = "/_emulator/";

/** Reports whether a request is for the emulator itself, not for the API. */
export const isControl = ({ path }: RequestHead): boolean => path.startsWith(PREFIX);

/** Lists the calls so far, adds and removes fault rules. Requires no authorization. */
export function control(request: Request, faults: Faults, log: readonly LoggedRequest[]): Response {
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
  };
  const methods = new Map(Object.entries(routes)).get(request.path.slice(PREFIX.length));
  if (!methods)
    throw notFound(
      "The emulator has no such path. Its own paths are /_emulator/requests and /_emulator/faults.",
    );
  const method = new Map(Object.entries(methods)).get(request.method);
  if (!method) throw methodNotAllowed(Object.keys(methods));
  return method();
}
