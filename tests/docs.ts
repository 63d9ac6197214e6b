/** Compares tables and outputs in the docs with the results of the tests. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { printWidth } from "../.prettierrc.json";
import { format } from "./support/prettier";

/**
 * Compares the part of a page between `<!-- name -->` and `<!-- /name -->` with the output of this run. With the variable
 * `UPDATE_DOCS` set, replaces it.
 *
 * @param file below `docs/`
 * @throws Error with the difference and the command that updates the page
 */
export async function documented(file: string, name: string, markdown: string): Promise<void> {
  const page = path.join(__dirname, "../docs", file);
  const text = await readFile(page, "utf8");
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`docs/${file} has no ${begin} followed by ${end}.`);
  const renewed = `${text.slice(0, from)}${begin}\n\n${markdown}\n\n${text.slice(to)}`;
  // As `npm run lint` wants it.
  const formatted = await format(renewed, { printWidth, parser: "markdown" });
  if (process.env["UPDATE_DOCS"]) return writeFile(page, formatted);
  try {
    expect(text).toBe(formatted);
  } catch (difference) {
    throw new Error(
      `docs/${file} does not show what this run produced. If the run is right: \`UPDATE_DOCS=1 npm test\`, and look at what changed.\n${(difference as Error).message}`,
    );
  }
}

/** Formats a table. Text between backticks in a cell becomes code; everything else is escaped. */
export function table(head: string[], rows: string[][]): string {
  return [head, head.map(() => "---"), ...rows.map((cells) => cells.map(cell))]
    .map((cells) => `| ${cells.join(" | ")} |`)
    .join("\n");
}

function cell(text: string): string {
  const parts = text.replaceAll("|", "\\|").split(/(`[^`\n]*`)/);
  return parts
    .map((part, index) => (index % 2 ? part : part.replace(/[\\<>*[\]]/g, "\\$&")))
    .join("")
    .replaceAll("\n", "<br>");
}
