import type { Thing } from "../session/memory";

/** What is to be made, and where. */
export interface Wanted {
  organizationId: string;
  serviceAccountId?: string;
  name: string;
  description?: string;
}

/** What of an answer is text. It may hold a secret. */
export type Told = Readonly<Record<string, string>>;

/** How one kind of thing is made, and found again. */
export interface Making<Answer extends Thing, Found extends Thing> {
  readonly wanted: Wanted;
  create(): Promise<Answer>;
  /** All in the place where it is made. */
  list(): AsyncIterable<Found>;
  /** Whether somebody has used it: then it is not what a lost answer told of. */
  isUsed(found: Found): Promise<boolean>;
  /** Succeeds where it is gone. */
  remove(id: string): Promise<void>;
  /**
   * What was found, completed from what could be read of the answer; or, where that is of no use, removes it, and gives
   * `undefined`.
   */
  takeOver(found: Found, told: Told): Promise<Answer | undefined>;
}
