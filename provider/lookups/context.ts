import type { Expand } from "../../sdk";
import type { ProviderContext } from "../session/context";

/** The client of lookups, which share it. */
export interface LookupContext extends Pick<ProviderContext, "client" | "organizationId"> {
  /** Lists that are about to be read, so that concurrent lookups share them. */
  readonly pendingLists: Map<string, Promise<unknown>>;
}

/** The organization that a lookup reads, and how. */
export interface LookupTarget {
  readonly context: LookupContext;
  readonly organizationId: string;
  /** Parameters to add to every call. */
  readonly expand: { expand?: readonly Expand[] };
}
