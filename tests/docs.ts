import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { format, resolveConfig } from "prettier";

const checkout = resolve(__dirname, "..");

/**
 * Holds a part of a page, the one between `<!-- name -->` and `<!-- /name -->`, against what this run has found. With the variable
 * `UPDATE_DOCS` it puts what was found there.
 *
 * @param file from the top of the checkout
 */
export async function documented(file: string, name: string, markdown: string): Promise<void> {
  const path = resolve(checkout, file);
  const page = await readFile(path, "utf8");
  const [start, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(start), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${file} has no part between ${start} and ${end}`);
  const now = `${page.slice(0, from)}${start}\n\n${markdown}\n\n${page.slice(to)}`;
  const formatted = await format(now, { ...(await resolveConfig(path)), parser: "markdown" });
  if (formatted === page) return;
  if (process.env["UPDATE_DOCS"]) return writeFile(path, formatted);
  const [found, written] = [formatted, page].map((text) =>
    text.slice(text.indexOf(start), text.indexOf(end)),
  );
  expect(`${found}(To put this into ${file}: UPDATE_DOCS=1 npm test)`).toBe(written);
}
