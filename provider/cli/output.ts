/**
 * Prints on standard output, part by part, and returns once everything is written.
 *
 * @throws {Error} if writing fails: an incomplete report must not look like a success
 */
export async function print(parts: Iterable<string>): Promise<void> {
  // The callback of `write` receives the error; without a listener, the event `error` would end the process.
  process.stdout.on("error", () => undefined);
  try {
    for (const part of parts) await write(part);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // A reader that has seen enough closes the pipe: that is no failure.
    if (code !== "EPIPE") throw new Error(`Cannot write to standard output: ${message}`, { cause: error });
  }
}

function write(part: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(part, (error) => (error ? reject(error) : resolve()));
  });
}
