/** The tour's voice: headings, facts, and checks that stop the tour where they do not hold. */
import { styleText } from "node:util";

type Style = Parameters<typeof styleText>[0];

function styled(style: Style, text: string): string {
  return process.stdout.isTTY ? styleText(style, text) : text;
}

export function heading(text: string): void {
  console.log(`\n${styled("bold", text)}`);
}

export function fact(text: string): void {
  console.log(`  ${text}`);
}

export function success(text: string): void {
  console.log(`\n${styled(["bold", "green"], text)}`);
}

export function check(holds: boolean, sentence: string): void {
  if (!holds) throw new Error(`This does not hold: ${sentence}`);
  console.log(`  ${styled("green", "✓")} ${sentence}`);
}
