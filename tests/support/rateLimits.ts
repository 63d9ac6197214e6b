/** A rate limit: returns `undefined` for a call within it, else the milliseconds until the next call is possible. */
export type Limiter = (now: number) => number | undefined;

/** Allows that many calls in each window of that many milliseconds. */
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

/** Allows that many calls in any period of that many milliseconds; refused calls count, too. */
export function strictWindow(calls: number, window: number): Limiter {
  const times: number[] = [];
  return (now) => {
    while (times[0] !== undefined && times[0] <= now - window) times.shift();
    times.push(now);
    return times.length <= calls ? undefined : window;
  };
}

/** The ways in which a server writes `Retry-After`. */
export const RETRY_AFTER = {
  seconds: (wait: number) => String(Math.ceil(wait / 1000)),
  "a date": (wait: number) => new Date(Math.ceil((Date.now() + wait) / 1000) * 1000).toUTCString(),
  nothing: () => undefined,
};
