import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Probes wait at a gate (`waitFor`) until a test releases them. */
export class Gate {
  private readonly waiting = new Map<ServerResponse, number>();
  private readonly events = new EventEmitter();
  private readonly server = createServer((request, response) => {
    this.waiting.set(response, Number(request.url?.slice(1)));
    response.on("close", () => this.waiting.delete(response));
    this.events.emit("arrival");
  });

  static async open(): Promise<Gate> {
    const gate = new Gate();
    await once(gate.server.listen(0, "127.0.0.1"), "listening");
    gate.server.unref(); // A failed test does not close it.
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when this many probes wait, with the process IDs of their hosts. */
  async arrivals(count: number): Promise<number[]> {
    while (this.waiting.size < count) await once(this.events, "arrival");
    return [...this.waiting.values()];
  }

  /** Releases all waiting probes. */
  release(): void {
    for (const response of this.waiting.keys()) response.end();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
