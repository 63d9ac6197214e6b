import { subscribe, unsubscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { OperationId } from "pulumi-keycard/emulator";
import type { Kill } from "./sequence";

const channel = "http.server.request.start";

/**
 * Calls `reached` when an emulator in this process has executed the call after which a kill is to come, before its response is
 * read. Returns a function that stops watching.
 */
export function watch(endpoint: string, { operation, after }: Kill, reached: () => void): () => void {
  let left = after;
  const see = (message: unknown) => {
    const { request, server } = message as { request: IncomingMessage; server: Server };
    const address = server.address() as AddressInfo | null;
    if (address?.port !== Number(new URL(endpoint).port) || operationOf(request) !== operation) return;
    // The emulator acts as soon as it has read the whole call.
    if (left-- === 0) request.once("end", () => setImmediate(reached));
  };
  subscribe(channel, see);
  return () => void unsubscribe(channel, see);
}

const verbs: Record<string, string> = { POST: "create", PATCH: "update", DELETE: "delete" };

function operationOf({ method = "", url = "" }: IncomingMessage): OperationId {
  const path = url.replace(/\?.*/, "").split("/").slice(3);
  if (path.length === 0) return "token";
  const isOne = path.length % 2 === 0;
  const kind = path.length > 2 ? "Credential" : "ServiceAccount";
  const verb = verbs[method] ?? (isOne ? "retrieve" : "list");
  return `${verb}${kind}${verb === "list" ? "s" : ""}` as OperationId;
}
