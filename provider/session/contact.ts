/** The call that a process makes only to learn the server's time, once for all resources that need it. */
export class Contact {
  #first: Promise<unknown> | undefined;

  /** Makes the call, unless it has been made; a failed call is repeated the next time. */
  async once(call: () => Promise<unknown>): Promise<void> {
    const first = (this.#first ??= call());
    first.catch(() => (this.#first = undefined));
    await first;
  }
}
