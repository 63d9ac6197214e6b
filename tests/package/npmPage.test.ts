/** What npm's page of the package shows: its addresses, and the README with its links. */
import { readdirSync, readFileSync, existsSync } from "node:fs";
import path from "node:path";
import { scripts } from "../../package.json";
import { checkout, command, removeFolder, temporaryFolder, writeFiles } from "./project";

const script = path.join(checkout, "sdk/requireAddresses.mjs");

test("publishing is refused until package.json names the repository, the homepage and the place for bugs", async () => {
  const folder = await temporaryFolder();
  await writeFiles(folder, { "package.json": { repository: "https://example.com/r" } });
  await expect(command(folder, "node", script)).rejects.toThrow(
    "Set homepage, bugs in package.json before publishing: npm's page needs them for its links.",
  );
  const address = "https://example.com/r";
  await writeFiles(folder, { "package.json": { repository: address, homepage: address, bugs: address } });
  expect(await command(folder, "node", script)).toEqual({ stdout: "", stderr: "" });
  await removeFolder(folder);
  expect(scripts.prepublishOnly).toBe("node sdk/requireAddresses.mjs");
});

test("every relative link in README and docs leads to a file, and to a heading in it", () => {
  const pages = ["README.md", "SECURITY.md", "CONTRIBUTING.md", "CHANGELOG.md"].concat(
    readdirSync(path.join(checkout, "docs")).flatMap((name) => (name.endsWith(".md") ? `docs/${name}` : [])),
  );
  const broken = pages.flatMap((page) => {
    const text = readFileSync(path.join(checkout, page), "utf8");
    const targets = [...text.matchAll(/\]\((?!https?:)([^)\s]+)\)/g)].map(([, target]) => String(target));
    return targets.filter((target) => !leadsSomewhere(page, target)).map((target) => `${page}: ${target}`);
  });
  expect(broken).toEqual([]);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [file = "", anchor] = target.split("#");
  const found = file === "" ? path.join(checkout, page) : path.join(checkout, path.dirname(page), file);
  if (!existsSync(found)) return false;
  if (anchor === undefined) return true;
  const text = readFileSync(found, "utf8");
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    String(heading)
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
  // A heading that occurs again gets a number.
  const [, first = "", number = "0"] = /^(.*?)(?:-(\d+))?$/.exec(anchor) ?? [];
  const isRepeated = headings.filter((heading) => heading === first).length > Number(number);
  return headings.includes(anchor) || isRepeated || text.includes(`id="${anchor}"`);
}
