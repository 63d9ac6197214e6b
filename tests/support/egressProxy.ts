/** An emulator that is reached only over TLS and through a proxy, as in a company's network: nothing else resolves its name. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer as createProxy, request as forward } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import type { AddressInfo, Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Emulator } from "pulumi-keycard/emulator";
import { generate } from "selfsigned";

export const HOST = "keycard.test";

export class EgressProxy {
  /** The status of the responses to CONNECT. */
  status = 200;
  /** What each tunnel was asked to lead to, with the proxy's authorization. */
  readonly tunnels: { target: string; authorization: string | undefined }[] = [];

  private constructor(
    /** With a user and a password. */
    readonly url: URL,
    /** The variables of a process that is to use the proxy, and to trust the server's certificate. */
    readonly env: Record<string, string>,
    private readonly servers: Server[],
    private readonly folder: string,
  ) {}

  static async start(emulator: Emulator): Promise<EgressProxy> {
    const { cert, private: key } = await generate([{ name: "commonName", value: HOST }], {
      extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: HOST }] }],
    });
    const tls = createTlsServer({ cert, key }, (request, response) => {
      const { method, url, headers } = request;
      const onward = forward(`${emulator.endpoint}${url}`, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 0, answer.headers);
        answer.pipe(response);
      });
      onward.on("error", () => response.destroy());
      request.pipe(onward);
    });
    const tlsPort = await listen(tls);
    const proxy = createProxy();
    const folder = await mkdtemp(path.join(tmpdir(), "keycard-proxy-"));
    const ca = path.join(folder, "ca.pem");
    await writeFile(ca, cert);
    const url = new URL(`http://egress:pa%24%24word@127.0.0.1:${await listen(proxy)}`);
    const env = { HTTPS_PROXY: url.href, NODE_EXTRA_CA_CERTS: ca, KEYCARD_ENDPOINT: `https://${HOST}` };
    const result = new EgressProxy(url, env, [tls, proxy], folder);
    proxy.on("connect", ({ url: target = "", headers }, socket) => {
      result.tunnels.push({ target, authorization: headers["proxy-authorization"] });
      if (result.status !== 200)
        return socket.end(`HTTP/1.1 ${result.status} No\r\n\r\n{"id":"from the proxy"}`);
      const tunnel = connect(tlsPort, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(tunnel).pipe(socket);
      });
      for (const end of [tunnel, socket]) end.on("error", () => undefined);
      return tunnel;
    });
    return result;
  }

  async close(): Promise<void> {
    for (const server of this.servers) server.close();
    await rm(this.folder, { recursive: true });
  }
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}
