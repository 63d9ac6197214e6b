import { hash } from "./ids";

/** A value as a line of a file: JSON, which begins with a checksum, since what is damaged may be JSON still. */
export function toLine(value: unknown): string {
  const text = JSON.stringify(value);
  return `["${checksum(text)}",${text}]\n`;
}

/**
 * The values of all lines. What comes after the last line's end was still being written when the writer died, and is left out.
 *
 * @throws Error about the first line that is not as it was written
 */
export function fromLines(content: Buffer): unknown[] {
  const lines = content.toString().split("\n").slice(0, -1);
  return lines.map((line, index) => {
    const [, sum, text = ""] = /^\["(.{8})",(.*)\]$/.exec(line) ?? [];
    if (sum !== checksum(text)) throw wrongLine(index + 1);
    return JSON.parse(text);
  });
}

/** What to throw about a line that is not as it was written. */
export function wrongLine(number: number): Error {
  return new Error(`line ${number} is damaged, or was not written by this version of the emulator.`);
}

const checksum = (text: string): string => hash(text).slice(0, 8);
