/** docs/troubleshooting.md quotes messages that exist. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";

const root = path.join(__dirname, "..");
const page = readFileSync(path.join(root, "docs/troubleshooting.md"), "utf8");
const quoted = [...page.matchAll(/^\| `([^`]+)` \|/gm)].map(([, message]) => String(message));

/** Messages of Node and of Pulumi. */
const FOREIGN = [
  "Cannot find module 'pulumi-keycard/host'",
  "Could not automatically download and install resource plugin 'pulumi-resource-keycard'",
  "Cannot read properties of undefined (reading 'toJavaScript')",
];

const sources = ["provider", "sdk"]
  .flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: "utf8" }).map((file) =>
      path.join(root, folder, file),
    ),
  )
  .filter((file) => file.endsWith(".ts") && !file.includes("generated"))
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

test.each(quoted.filter((message) => !FOREIGN.includes(message)))("the package can print %j", (message) => {
  expect(sources).toContain(message);
});

test("the page quotes messages", () => {
  expect(quoted.length).toBeGreaterThan(15);
});
