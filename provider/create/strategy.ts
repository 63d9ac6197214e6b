import type { Place } from "../session/creates";

/** A service account or a credential, as Keycard lists it. */
export interface RemoteObject {
  id: string;
  name: string;
  description?: string;
  created_at: string;
}

/** The object to create, and where. */
export interface CreateRequest extends Place {
  name: string;
  description?: string;
}

/** The text fields of a malformed response. May hold a secret. */
export type PartialResponse = Readonly<Record<string, string>>;

/** How one type of object is created, and found again after a lost response. */
export interface CreateStrategy<Response extends RemoteObject, Listed extends RemoteObject> {
  readonly request: CreateRequest;
  create(): Promise<Response>;
  /** Lists all objects in the place of the request. */
  list(): AsyncIterable<Listed>;
  /** Returns true if somebody uses the object: then the lost create cannot have created it. */
  isUsed(object: Listed): Promise<boolean>;
  /** Succeeds if the object is deleted already. */
  remove(id: string): Promise<void>;
  /**
   * Completes the object that was found with what the lost response still held. Deletes it and returns `undefined` if it is
   * of no use.
   */
  recover(object: Listed, partial: PartialResponse): Promise<Response | undefined>;
}
