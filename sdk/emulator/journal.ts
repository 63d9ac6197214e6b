import * as fs from "node:fs";
import { dirname, resolve } from "node:path";
import type { Change, Origin } from "./changes";
import { fromLines, toLine, wrongLine } from "./lines";
import { newOrigin, State } from "./state";

const FORMAT = "pulumi-keycard emulator 1";

interface FirstLine {
  format: string;
  origin: Origin;
}

/** A state, and where each change of it is kept before it is made. */
export interface Journal {
  readonly state: State;
  /** @throws Error when the change cannot be kept */
  append(change: Change): void;
  close(): void;
}

export const inMemory = (): Journal => ({
  state: new State(newOrigin()),
  append: () => undefined,
  close: () => undefined,
});

/** Kept in a file: its origin, and then a line for each change. Only its owner may read it. */
export class JournalFile implements Journal {
  private readonly inode: bigint;
  private size: number;
  private closed = false;

  private constructor(
    readonly state: State,
    private readonly path: string,
    private readonly file: number,
  ) {
    const { ino, size } = fs.fstatSync(file, { bigint: true });
    [this.inode, this.size] = [ino, Number(size)];
  }

  /**
   * Reads the file, if there is one, and puts the shortest that says the same in its place.
   *
   * @throws Error when the file is not what an emulator wrote, which leaves it as it is; the system's error
   */
  static open(name: string): JournalFile {
    const path = fs.existsSync(name) ? fs.realpathSync(name) : resolve(name);
    if (!fs.existsSync(path)) return JournalFile.create(path, new State(newOrigin()));
    if (!fs.statSync(path).isFile()) throw new Error(`${path} is not a file.`);
    const before = fs.openSync(path, "r");
    try {
      let content = fs.readFileSync(before);
      let journal = JournalFile.create(path, read(content, path));
      // Another emulator may have written until it lost the file just now.
      while (fs.fstatSync(before).size > content.length) {
        journal.close();
        content = Buffer.concat([content, fs.readFileSync(before)]);
        journal = JournalFile.create(path, read(content, path));
      }
      return journal;
    } finally {
      fs.closeSync(before);
    }
  }

  /** The file is whole at all times: it is written under another name first. */
  private static create(path: string, state: State): JournalFile {
    const draft = `${path}.${process.pid}.new`;
    fs.rmSync(draft, { force: true }); // of an emulator that was killed
    const file = fs.openSync(draft, "ax", 0o600);
    try {
      fs.appendFileSync(file, write(state));
      fs.fsyncSync(file);
      fs.renameSync(draft, path);
      syncFolder(dirname(path));
      return new JournalFile(state, path, file);
    } catch (error) {
      fs.closeSync(file);
      fs.rmSync(draft, { force: true });
      throw error;
    }
  }

  /**
   * Returns when the change is on the disk.
   *
   * @throws Error when it is not, or when it would be lost since the file is not this emulator's any more
   */
  append(change: Change): void {
    this.checkOwner();
    const line = toLine(change);
    try {
      fs.appendFileSync(this.file, line);
      fs.fdatasyncSync(this.file);
    } catch (error) {
      fs.ftruncateSync(this.file, this.size); // A part of a line must not be there when the next is added.
      throw error;
    }
    this.checkOwner();
    this.size += Buffer.byteLength(line);
  }

  close(): void {
    this.closed = true; // The system may give the number of the file to another one.
    fs.closeSync(this.file);
  }

  /** The emulator that was started last has the file: whoever reads it after this check finds what was written before. */
  private checkOwner(): void {
    if (this.closed) throw new Error(`${this.path} is closed.`);
    if (fs.statSync(this.path, { bigint: true, throwIfNoEntry: false })?.ino === this.inode) return;
    throw new Error(`${this.path} has been removed, or another emulator uses it now.`);
  }
}

function write(state: State): string {
  const changes = Array.from(state.changes(), toLine);
  return toLine({ format: FORMAT, origin: state.origin } satisfies FirstLine) + changes.join("");
}

function read(content: Buffer, path: string): State {
  if (content.length === 0) return new State(newOrigin());
  try {
    const [first, ...changes] = fromLines(content) as [FirstLine | undefined, ...Change[]];
    if (first?.format !== FORMAT) throw wrongLine(1);
    const state = new State(first.origin);
    for (const change of changes) state.apply(change);
    return state;
  } catch (error) {
    throw new Error(`${path} is left as it is, since it cannot be used: ${(error as Error).message}`);
  }
}

function syncFolder(path: string): void {
  if (process.platform === "win32") return; // which has no such thing
  const folder = fs.openSync(path, "r");
  try {
    fs.fsyncSync(folder);
  } finally {
    fs.closeSync(folder);
  }
}
