import { Agent } from "node:http";
import type { ClientRequest } from "node:http";
import { Agent as TlsAgent } from "node:https";
import { ConfigurationError } from "../errors";
import { getProxyForUrl, HttpsProxyAgent } from "../thirdParty";

/**
 * The agents of one endpoint. A server may close an idle connection just as a request is sent on it, and the client cannot know
 * whether the server acted. Idempotent calls are retried then. A create gets a new connection, where this cannot happen. The agent
 * for those keeps no connections, but does keep TLS sessions, so a new connection costs little. It must not limit its sockets
 * either: Node would hand a used connection to the next request in the queue.
 */
export interface Agents {
  readonly keptAlive: Agent;
  readonly new: Agent;
}

const agents = new Map<string, Agents>();

/**
 * Returns the agents for an endpoint, which all clients of this process share. They connect through the proxy that HTTPS_PROXY or
 * ALL_PROXY names, unless NO_PROXY excludes the endpoint, and never to this machine.
 *
 * @throws {ConfigurationError} if the proxy is not a URL
 */
export function agentsFor(endpoint: URL, isLoopback: boolean): Agents {
  const proxy = isLoopback ? undefined : proxyOf(endpoint);
  const key = proxy?.href ?? endpoint.protocol;
  const known = agents.get(key);
  if (known) return known;
  const create = (keepAlive: boolean) => {
    if (proxy) return new ProxyAgent(proxy, { keepAlive });
    return endpoint.protocol === "https:" ? new TlsAgent({ keepAlive }) : new Agent({ keepAlive });
  };
  const created = { keptAlive: create(true), new: create(false) };
  agents.set(key, created);
  return created;
}

function proxyOf(endpoint: URL): URL | undefined {
  const text = getProxyForUrl(endpoint.href);
  if (text === "") return undefined;
  // The library assumes a proxy with TLS if the variable has no scheme; like curl, we assume one without.
  const { https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY } = process.env;
  const isBare = [https_proxy, HTTPS_PROXY, all_proxy, ALL_PROXY].some(
    (value) => text === `https://${value}`,
  );
  const url = isBare ? text.replace(/^https/, "http") : text;
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url);
  // Does not repeat the value, which may hold a password.
  throw new ConfigurationError(
    "HTTPS_PROXY",
    "is not the URL of an HTTP proxy",
    "Set HTTPS_PROXY (or ALL_PROXY) to a URL such as http://proxy.example:3128, or exclude Keycard with NO_PROXY.",
  );
}

/** No connection through the proxy: no request has been sent. */
export const NO_TUNNEL = "ENOTUNNEL";

/** Opens a tunnel through a proxy. A proxy's refusal is an error, and never taken for the response of the endpoint. */
class ProxyAgent extends HttpsProxyAgent<string> {
  override async connect(...args: Parameters<HttpsProxyAgent<string>["connect"]>) {
    let status: number | undefined;
    (args[0] as ClientRequest).once("proxyConnect", (response: { statusCode: number }) => {
      status = response.statusCode;
    });
    try {
      const socket = await super.connect(...args);
      if (status === 200) return socket;
      socket.destroy();
    } catch (error) {
      const { message, code } = error as NodeJS.ErrnoException;
      throw this.#failure(message || String(code));
    }
    throw this.#failure(`it refused the tunnel with status ${status}`);
  }

  /** Shows the proxy's host and port, but not its user or password. */
  #failure(reason: string): Error {
    const message = `no connection through the proxy ${this.proxy.host}: ${reason}. Check HTTPS_PROXY and NO_PROXY`;
    return Object.assign(new Error(message), { code: NO_TUNNEL });
  }
}
