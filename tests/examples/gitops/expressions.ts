/** As much of GitHub's and GitLab's expressions as the pipelines use; anything else is an error. */

/** What a name in an expression stands for. @throws Error for a name that it does not know */
export type Lookup = (name: string) => string;

const name = "[\\w.]+|\\$\\w+";
const literal = `'[^']*'|"[^"]*"`;
const comparison = new RegExp(`^(${name}) (==|!=) (${name}|${literal})$`);

/** Whether a condition holds, where nothing was cancelled. */
export function holds(condition: string, lookup: Lookup): boolean {
  const bare = condition.replace(/^\$\{\{ (.*) \}\}$/, "$1");
  return bare.split(" && ").every((term) => {
    if (term === "!cancelled()") return true;
    const [, left = "", operator, right = ""] = comparison.exec(term) ?? fail(`What does "${term}" mean?`);
    const value = /^['"]/.test(right) ? right.slice(1, -1) : lookup(right);
    return (lookup(left) === value) === (operator === "==");
  });
}

/** The text with each `${{ name }}` replaced. */
export function resolve(text: string, lookup: Lookup): string {
  return text.replace(/\$\{\{(.*?)\}\}/g, (_, expression: string) => lookup(expression.trim()));
}

/** Finds `a.b.c` in nested tables. */
export function lookupIn(tables: object): Lookup {
  return (path) => {
    const found = path
      .split(".")
      .reduce<unknown>((table, key) => (table as Record<string, unknown> | undefined)?.[key], tables);
    return typeof found === "string" ? found : fail(`There is no ${path}.`);
  };
}

export function fail(message: string): never {
  throw new Error(message);
}
