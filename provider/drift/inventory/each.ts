/** More than the client makes at once, so that it always has a call to make, and few enough to be no burden to the memory. */
const AT_ONCE = 100;

/** Works on all items, many at a time. After an error no other one is begun. */
export async function each<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const left = queue(items);
  const worker = async () => {
    // Who leaves such a loop with an error ends the generator, and with it the loops of all others.
    for (const item of left) await work(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

function* queue<Item>(items: readonly Item[]): Generator<Item> {
  yield* items;
}
