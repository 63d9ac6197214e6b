import * as fs from "node:fs";
import { dirname, resolve } from "node:path";
import { hash } from "./ids";
import type { Change, Persistence } from "./store";
import { Store } from "./store";

const FORMAT = "pulumi-keycard emulator 2";

/**
 * Returns the store that a file contains, and saves its changes to the file, one line each. First replaces the file by the
 * shortest one with the same content, which only its owner can read.
 *
 * @throws Error if an emulator of this version did not write the file, or it is damaged; the file then stays as it is
 */
export function openStore(name: string): Store {
  const path = fs.existsSync(name) ? fs.realpathSync(name) : resolve(name);
  if (!fs.existsSync(path)) return DataFile.create(path, new Store());
  if (!fs.statSync(path).isFile()) throw new Error(`${path} is not a file.`);
  const previous = fs.openSync(path, "r");
  try {
    for (let content = fs.readFileSync(previous); ;) {
      const store = DataFile.create(path, parse(content, path));
      // Another emulator may have written to the file until it was replaced.
      const missed = fs.readFileSync(previous);
      if (missed.length === 0) return store;
      store.persistence.close();
      content = Buffer.concat([content, missed]);
    }
  } finally {
    fs.closeSync(previous);
  }
}

class DataFile implements Persistence {
  private readonly inode: bigint;
  private size: number;
  private closed = false;

  private constructor(
    private readonly path: string,
    private readonly file: number,
    private lines: number,
  ) {
    const { ino, size } = fs.fstatSync(file, { bigint: true });
    [this.inode, this.size] = [ino, Number(size)];
  }

  /** Writes the file under another name first, so that it is complete at all times. */
  static create(path: string, store: Store): Store {
    const draft = `${path}.${process.pid}.new`;
    fs.rmSync(draft, { force: true }); // of an emulator that was killed
    const file = fs.openSync(draft, "ax", 0o600);
    try {
      const lines = Array.from(store.snapshot(), formatLine);
      fs.appendFileSync(file, lines.join(""));
      fs.fsyncSync(file);
      fs.renameSync(draft, path);
      syncFolder(dirname(path));
      store.persistence = new DataFile(path, file, lines.length);
      return store;
    } catch (error) {
      fs.closeSync(file);
      fs.rmSync(draft, { force: true });
      throw error;
    }
  }

  /** @throws Error if the change is not on the disk, or another emulator has replaced the file */
  save(change: Change): void {
    this.checkOwner();
    const line = formatLine(change, this.lines);
    try {
      fs.appendFileSync(this.file, line);
      fs.fdatasyncSync(this.file);
    } catch (error) {
      fs.ftruncateSync(this.file, this.size); // Removes an incomplete line.
      throw error;
    }
    this.checkOwner();
    this.size += Buffer.byteLength(line);
    this.lines++;
  }

  close(): void {
    this.closed = true; // The system may reuse the file descriptor.
    fs.closeSync(this.file);
  }

  /** An emulator that replaces the file after this check still reads what this one has written. */
  private checkOwner(): void {
    if (this.closed) throw new Error(`${this.path} is closed.`);
    if (fs.statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino === this.inode) return;
    throw new Error(`${this.path} has been removed, or another emulator uses it now.`);
  }
}

function parse(content: Buffer, path: string): Store {
  // The writer was killed while it wrote an incomplete last line: nothing has been reported about that change.
  const lines = content.toString().split("\n").slice(0, -1);
  try {
    if (content.length > 0 && lines.length === 0) throw damaged(0);
    return new Store(lines.map(parseLine));
  } catch (error) {
    throw new Error(`${path} is left as it is, since it cannot be used: ${(error as Error).message}.`);
  }
}

/** Returns a line of JSON with a checksum: damaged JSON may still be JSON. */
function formatLine(change: Change, index: number): string {
  const text = JSON.stringify(change);
  return `["${checksum(text, index)}",${text}]\n`;
}

function parseLine(line: string, index: number): Change {
  const [, sum, text = ""] = /^\["(.{8})",(.*)\]$/.exec(line) ?? [];
  if (sum !== checksum(text, index)) throw damaged(index);
  return JSON.parse(text) as Change;
}

const damaged = (index: number) =>
  new Error(`line ${index + 1} is damaged, or was not written by this version of the emulator`);

/** The number of the line is part of its checksum, so that a missing line is noticed. */
const checksum = (text: string, index: number): string => hash(`${FORMAT}:${index}:${text}`).slice(0, 8);

function syncFolder(path: string): void {
  if (process.platform === "win32") return; // Windows cannot sync folders.
  const folder = fs.openSync(path, "r");
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}
