/**
 * Prints on standard output, part by part, and ends once all is out.
 *
 * @throws {Error} where it cannot be written: a full disk must not pass for a report
 */
export async function print(parts: Iterable<string>): Promise<void> {
  // What is written is told to who writes it; an event that nobody hears would end the process.
  process.stdout.on("error", () => undefined);
  try {
    for (const part of parts) await write(part);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    // Whoever reads it may have seen enough.
    if (code !== "EPIPE") throw new Error(`Standard output cannot be written: ${message}`, { cause: error });
  }
}

function write(part: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(part, (error) => (error ? reject(error) : resolve()));
  });
}
