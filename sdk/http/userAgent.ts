import { version } from "../generated/package";

/** The client's `User-Agent`. */
export const USER_AGENT = `pulumi-keycard/${version}`;
