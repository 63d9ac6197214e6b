/** The diagram of the folders in CONTRIBUTING.md shows the imports that there are. */
import { execFile } from "node:child_process";
import path from "node:path";
import { promisify } from "node:util";
import { documented } from "./docs";

interface Cruised {
  modules: { source: string; dependencies: { resolved: string }[] }[];
}

/** Returns the folder of a file as a node of the diagram; of the files beside the folders, none. */
function nodeOf(file: string): string | undefined {
  return /^((?:provider|sdk)\/(?!generated)[^/]+)\//.exec(file)?.[1];
}

test("CONTRIBUTING.md shows which folder imports which", async () => {
  const root = path.join(__dirname, "..");
  const args = ["depcruise", "--config", ".dependency-cruiser.js", "provider", "sdk", "-T", "json"];
  const { stdout } = await promisify(execFile)("npx", args, { cwd: root, maxBuffer: 64 * 1024 * 1024 });
  const { modules } = JSON.parse(stdout) as Cruised;
  const arrows = new Set<string>();
  for (const { source, dependencies } of modules)
    for (const { resolved } of dependencies) {
      const [from, to] = [nodeOf(source), nodeOf(resolved)];
      if (from && to && from !== to) arrows.add(`  ${from} --> ${to}`);
    }
  const both = [...arrows].filter((arrow) => arrows.has(reversed(arrow)) && arrow < reversed(arrow));
  const lines = [...arrows]
    .filter((arrow) => !arrows.has(reversed(arrow)))
    .concat(both.map((arrow) => arrow.replace("-->", "<-->")))
    .sort();
  const diagram = ["flowchart LR", "  examples --> provider --> sdk", ...lines].join("\n");
  await documented("../CONTRIBUTING.md", "folders", `\`\`\`mermaid\n${diagram}\n\`\`\``);
});

function reversed(arrow: string): string {
  const [from, to] = arrow.trim().split(" --> ");
  return `  ${to} --> ${from}`;
}
