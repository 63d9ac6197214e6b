import { readFileSync } from "node:fs";
import { join } from "node:path";

const file = join(__dirname, "../../../package.json"); // seen from dist/sdk/http
const { version } = JSON.parse(readFileSync(file, "utf8")) as { version: string };

/** The client's `User-Agent`. */
export const USER_AGENT = `pulumi-keycard/${version}`;
