import { SingleBar } from "../thirdParty";
import type { Progress } from "../drift";

/** Shows a progress bar on standard error while `read` runs, if that is a terminal. */
export async function withProgress<Result>(
  read: (onProgress: (progress: Progress) => void) => Promise<Result>,
): Promise<Result> {
  const bar = new SingleBar({
    format: "reading {reading} {bar} {value}/{total}",
    stream: process.stderr,
    clearOnComplete: true,
    gracefulExit: false, // Ctrl-C ends the command, not only the bar.
    barsize: 30,
  });
  let current: Progress["reading"] | undefined;
  try {
    return await read(({ reading, done, total = done }) => {
      if (current === reading) bar.setTotal(total);
      else bar.start(total, done, { reading });
      current = reading;
      bar.update(done);
    });
  } finally {
    if (current !== undefined) bar.stop();
  }
}
