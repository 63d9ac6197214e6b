import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { checkout } from "./project";

test("each promise of SECURITY.md names tests that there are", async () => {
  const page = await readFile(join(checkout, "SECURITY.md"), "utf8");
  const promises = page.split("\n").filter((line) => /^\| (?!promise|-)/.test(line));
  expect(promises.length).toBeGreaterThan(10);
  for (const line of promises) {
    const tests = [...line.matchAll(/`(tests\/[\w./]+\.test\.ts)`: "([^"]+)"/g)];
    expect(`${line} names ${tests.length}`).not.toMatch(/names 0$/);
    for (const [, file = "", title = ""] of tests) {
      const text = await readFile(join(checkout, file), "utf8");
      expect(`${file}: ${text.includes(title) ? title : "no such test"}`).toBe(`${file}: ${title}`);
    }
  }
});
