import type { KeycardAPI } from "../../sdk";
import { AdoptionTracker } from "./adoption";
import { Contact } from "./contact";
import { CreateCoordinator } from "./creates";
import { ExclusiveLists } from "./exclusiveLists";
import { Refreshes } from "./refreshes";
import { ResourceRegistry } from "./registry";

/** What one provider process knows. The process serves one operation on one stack, so of earlier operations it knows only what the state says. */
export class Session {
  readonly registry = new ResourceRegistry();
  readonly adoption = new AdoptionTracker(this.registry);
  readonly creates = new CreateCoordinator();
  readonly exclusiveLists = new ExclusiveLists();
  readonly refreshes = new Refreshes();
  readonly contact = new Contact();
}

/** The environment of a resource's operations: a client, the stack's settings, and what the process knows. */
export interface ProviderContext extends Session {
  readonly client: KeycardAPI;
  /** Default of the input `organizationId`: an organization's ID or its label. */
  readonly organizationId: string | undefined;
  /** Shows the user an informational message. */
  logInfo(message: string): void;
}
