import { ms } from "./thirdParty";

const DAY = 24 * 60 * 60 * 1000;

/** In milliseconds; longer ones would leave the range of dates. */
const MAX_DURATION = 100 * 365.25 * DAY;

/** A number and a unit, without a sign. `ms` also reads numbers without a unit, signs, and capitals, but "M" is the sign of months. */
const DURATION = /^\d+(\.\d+)? ?[a-z]+$/;

/** Returns the milliseconds of a duration such as "30d" or "12 hours"; `undefined` if the text is none. */
export function parseDuration(text: string): number | undefined {
  const value = DURATION.test(text) ? ms(text as ms.StringValue) : NaN;
  return Number.isFinite(value) && value <= MAX_DURATION ? value : undefined;
}

/** Returns the duration as text, rounded to its largest unit, such as "30 days". */
export function formatDuration(milliseconds: number): string {
  return ms(milliseconds, { long: true });
}

/** How long the previous credential remains valid by default: a day, or half of `rotateAfter` if that is less. */
export function defaultOverlap(rotateAfter: number | undefined): number {
  return rotateAfter === undefined ? DAY : Math.min(DAY, rotateAfter / 2);
}

/** Within this time before its end, `rotateAfter` counts as over, so that a nightly run does not become a day late each time. */
export function tolerance(rotateAfter: number): number {
  return Math.min(DAY / 24, rotateAfter * 0.05);
}

/** A use of the previous credential within this time delays its revocation: somebody still uses it. */
export function recentUse(overlap: number): number {
  return Math.min(DAY, overlap);
}
