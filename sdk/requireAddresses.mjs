// Refuses to publish while package.json lacks the addresses that npm's page shows, and by which it resolves the README's relative links.
// This is the one place to look for them: they are to be set when the repository has a public address.
import { readFileSync } from "node:fs";

const ADDRESSES = ["repository", "homepage", "bugs"];

const declared = JSON.parse(readFileSync("package.json", "utf8"));
const missing = ADDRESSES.filter((field) => !declared[field]);
if (missing.length > 0) {
  console.error(
    `Set ${missing.join(", ")} in package.json before publishing: npm's page needs them for its links.`,
  );
  process.exitCode = 1;
}
