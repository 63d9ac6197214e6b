import { parseBody } from "../body";
import type { Answer, Call, Head } from "../calls";
import { methodNotAllowed, notFound } from "../errors";
import type { Faults } from "../faults";
import type { RequestLog } from "../requestLog";

const PREFIX = "/_emulator/";

/** Whether the call is to the emulator itself, and not to the API that it stands for. */
export const isControl = ({ path }: Head): boolean => path.startsWith(PREFIX);

/** Answers what tests ask of the emulator itself: the calls that were made, and faults to come. No authorization. */
export function control(call: Call, faults: Faults, log: RequestLog): Answer {
  const routes: Record<string, Record<string, () => Answer>> = {
    requests: { GET: () => ({ status: 200, body: log.list() }) },
    faults: {
      POST: () => {
        faults.add(parseBody("application/json", call));
        return { status: 204 };
      },
      DELETE: () => {
        faults.clear();
        return { status: 204 };
      },
    },
  };
  const methods = new Map(Object.entries(routes)).get(call.path.slice(PREFIX.length));
  if (!methods) throw notFound("The emulator has no such path; it has requests and faults.");
  const method = new Map(Object.entries(methods)).get(call.method);
  if (!method) throw methodNotAllowed(Object.keys(methods));
  return method();
}
