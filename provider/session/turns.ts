/** Lets many create side by side, and one at a time look at what was made, when nobody is creating. */
export class Turns {
  readonly #creating = new Set<Promise<unknown>>();
  #looking: Promise<unknown> = Promise.resolve();

  /** Creates, after those that wait to look or are looking. */
  async create<T>(work: () => Promise<T>): Promise<T> {
    for (let looking; looking !== this.#looking;) await (looking = this.#looking);
    const creating = work();
    this.#creating.add(creating);
    try {
      return await creating;
    } finally {
      this.#creating.delete(creating);
    }
  }

  /** Looks, after all creating that is under way has ended. */
  look<T>(work: () => Promise<T>): Promise<T> {
    const looking = this.#looking.then(async () => {
      await Promise.allSettled(this.#creating);
      return work();
    });
    this.#looking = looking.catch(() => undefined);
    return looking;
  }
}
