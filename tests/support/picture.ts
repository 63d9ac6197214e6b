/** Draws the output of a command as a terminal, in SVG, for the README. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import Anser from "anser";
import type { AnserJsonEntry } from "anser";

const [FONT_SIZE, CHARACTER, LINE, PADDING, TITLE_BAR] = [14, 8.43, 20, 16, 36] as const;
/** In characters; longer lines wrap, as in a terminal. */
const MAX_WIDTH = 120;

/** Colors by ANSI name, on a light and on a dark background. */
const COLORS: Record<string, [light: string, dark: string]> = {
  black: ["#24292f", "#8c959f"],
  red: ["#b3261e", "#ff7b72"],
  green: ["#116329", "#7ee787"],
  yellow: ["#7d4e00", "#e3b341"],
  blue: ["#0550ae", "#79c0ff"],
  magenta: ["#8250df", "#d2a8ff"],
  cyan: ["#1b7c83", "#76e3ea"],
  white: ["#57606a", "#c9d1d9"],
};
const NAMES = Object.keys(COLORS);

/**
 * Compares `docs/images/<name>.svg` with a picture of this output. With the variable `UPDATE_DOCS` set, writes it.
 *
 * @param title the command
 * @param output with ANSI colors
 */
export async function pictured(name: string, title: string, output: string): Promise<void> {
  const file = path.join(__dirname, "../../docs/images", `${name}.svg`);
  const svg = draw(title, output);
  if (process.env["UPDATE_DOCS"]) return writeFile(file, svg);
  const old = await readFile(file, "utf8");
  if (old !== svg)
    throw new Error(
      `docs/images/${name}.svg does not show what this run produced. If the run is right: \`UPDATE_DOCS=1 npm test\`, and look at the picture.\n${output}`,
    );
}

function draw(title: string, output: string): string {
  const lines = output
    .trimEnd()
    .split("\n")
    .flatMap((line) => wrapped(Anser.ansiToJson(line, { use_classes: true, remove_empty: true })));
  const columns = Math.max(title.length + 10, ...lines.map((line) => lengthOf(line)));
  const [width, height] = [
    Math.ceil(columns * CHARACTER + 2 * PADDING),
    TITLE_BAR + lines.length * LINE + PADDING,
  ];
  const rows = lines.map(
    (line, index) =>
      `<text x="${PADDING}" y="${TITLE_BAR + (index + 1) * LINE - 4}">${line.map(span).join("")}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" xml:space="preserve">`,
    `<title>${escaped(title)}</title>`,
    `<style>${style()}</style>`,
    `<rect class="window" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    `<text class="title" x="${PADDING}" y="24">$ ${escaped(title)}</text>`,
    ...rows,
    "</svg>\n",
  ].join("\n");
}

function style(): string {
  const rules = (theme: 0 | 1) =>
    [
      `.window{fill:${theme ? "#0d1117" : "#ffffff"};stroke:${theme ? "#30363d" : "#d0d7de"}}`,
      `text{fill:${theme ? "#c9d1d9" : "#24292f"}}`,
      `.title{fill:${theme ? "#8b949e" : "#57606a"}}`,
      ...Object.entries(COLORS).map(([name, pair]) => `.${name}{fill:${pair[theme]}}`),
    ].join("");
  return (
    `text{font:${FONT_SIZE}px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre}.bold{font-weight:600}.dim{opacity:.7}` +
    `${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}`
  );
}

function lengthOf(line: AnserJsonEntry[]): number {
  return line.reduce((sum, { content }) => sum + content.length, 0);
}

function wrapped(line: AnserJsonEntry[]): AnserJsonEntry[][] {
  const lines: AnserJsonEntry[][] = [[]];
  for (const entry of line)
    for (const character of entry.content) {
      let last = lines.at(-1) ?? [];
      if (lengthOf(last) === MAX_WIDTH) lines.push((last = []));
      const end = last.at(-1);
      if (end && end.fg === entry.fg && end.decorations.join() === entry.decorations.join())
        end.content += character;
      else last.push({ ...entry, content: character });
    }
  return lines;
}

function span({ content, fg, decorations }: AnserJsonEntry): string {
  const classes = [
    ...(fg ? [colorOf(fg)] : []),
    ...decorations.filter((one) => one === "bold" || one === "dim"),
  ].filter(Boolean);
  const text = escaped(content);
  return classes.length > 0 ? `<tspan class="${classes.join(" ")}">${text}</tspan>` : text;
}

/** Returns the color's name: `ansi-bright-red` and `ansi-palette-9` are red. */
function colorOf(fg: string): string {
  const palette = /palette-(\d+)$/.exec(fg);
  return palette ? (NAMES[Number(palette[1]) % NAMES.length] ?? "") : (fg.split("-").at(-1) ?? "");
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
