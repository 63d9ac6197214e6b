import { EventEmitter, once } from "node:events";
import { createServer } from "node:http";
import type { ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** Where probes wait (their `waitFor`) until a test lets them go on. */
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
    gate.server.unref(); // A test that fails does not get to closing it.
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Resolves when so many wait, with the process of each. */
  async arrivals(count: number): Promise<number[]> {
    while (this.waiting.size < count) await once(this.events, "arrival");
    return [...this.waiting.values()];
  }

  /** Lets all go on that wait now. */
  release(): void {
    for (const response of this.waiting.keys()) response.end();
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
