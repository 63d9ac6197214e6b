import { SingleBar } from "cli-progress";
import type { Progress } from "../drift";

/** Shows a progress bar on standard error while `read` runs, if that is a terminal. */
export async function withProgress<Result>(
  read: (onProgress: (progress: Progress) => void) => Promise<Result>,
): Promise<Result> {
  const bar = new ProgressBar();
  try {
    return await read(bar.update);
  } finally {
    bar.stop();
  }
}

class ProgressBar {
  readonly #bar = new SingleBar({
    format: "{reading} {bar} {value}/{total}",
    stream: process.stderr,
    clearOnComplete: true,
    gracefulExit: false, // Ctrl-C ends the command, not only the bar.
    barsize: 30,
  });
  #reading: Progress["reading"] | undefined;

  readonly update = ({ reading, done, total = done }: Progress): void => {
    if (this.#reading === reading) this.#bar.setTotal(total);
    else this.#bar.start(total, done, { reading: `reading ${reading}` });
    this.#reading = reading;
    this.#bar.update(done);
  };

  stop(): void {
    if (this.#reading !== undefined) this.#bar.stop();
  }
}
