/** Rate limits as servers keep them: `undefined` lets a call through, a number of milliseconds says when there is room again. */
export type Limiter = (now: number) => number | undefined;

/** So many calls in each window of so many milliseconds. */
export function fixedWindow(calls: number, window: number): Limiter {
  let current = -1;
  let count = 0;
  return (now) => {
    const at = Math.floor(now / window);
    if (at !== current) count = 0;
    current = at;
    return ++count <= calls ? undefined : (at + 1) * window - now;
  };
}

/** So many calls in any so many milliseconds, where a call that is refused counts, too. */
export function strictWindow(calls: number, window: number): Limiter {
  const times: number[] = [];
  return (now) => {
    while (times[0] !== undefined && times[0] <= now - window) times.shift();
    times.push(now);
    return times.length <= calls ? undefined : window;
  };
}

/** How a server says in `Retry-After` when there is room again. */
export const TOLD = {
  seconds: (wait: number) => String(Math.ceil(wait / 1000)),
  "a date": (wait: number) => new Date(Math.ceil((Date.now() + wait) / 1000) * 1000).toUTCString(),
  nothing: () => undefined,
};
