/** The program that adopts accounts, for random and for difficult names. */
import fc from "fast-check";
import ts from "typescript/lib/typescript"; // Not deferred, as "typescript" is: see jest.config.js.
import { writeProgram } from "../../../dist/provider/codegen";
import type { Account, ProgramOptions } from "../../../dist/provider/codegen";
import { hardNames } from "../../support/hardNames";
import { isFormatted } from "../../support/prettier";

/** A declaration, as TypeScript parses it. */
interface Declaration {
  identifier: string;
  logicalName: string;
  args: Record<string, string>;
  options: Record<string, string> | undefined;
}

async function program(accounts: readonly Account[], options: Partial<ProgramOptions> = {}) {
  const { text, ...rest } = await writeProgram(accounts, { protect: true, ...options });
  return { ...rest, text: [...text].join("") };
}

/** Returns the declarations of a program, and fails if it contains anything else. */
function declarations(text: string): Declaration[] {
  const { diagnostics } = ts.transpileModule(text, {
    reportDiagnostics: true,
    compilerOptions: { target: ts.ScriptTarget.ES2015 },
  });
  expect(diagnostics).toEqual([]);
  const [head, ...rest] = ts.createSourceFile("index.ts", text, ts.ScriptTarget.ES2015).statements;
  expect(head?.kind).toBe(ts.SyntaxKind.ImportDeclaration);
  return rest.map((statement) => {
    if (!ts.isVariableStatement(statement)) throw new Error(`no constant: ${ts.SyntaxKind[statement.kind]}`);
    const [{ name, initializer } = {} as ts.VariableDeclaration] = statement.declarationList.declarations;
    const [logicalName, args, options] = (initializer as ts.NewExpression).arguments ?? [];
    return {
      identifier: (name as ts.Identifier).text,
      logicalName: (logicalName as ts.StringLiteral).text,
      args: properties(args),
      options: options && properties(options),
    };
  });
}

function properties(object: ts.Expression | undefined): Record<string, string> {
  const entries = (object as ts.ObjectLiteralExpression).properties.map((property) => {
    const key = (property.name as ts.Identifier).text;
    const value = (property as ts.PropertyAssignment).initializer;
    return [key, ts.isStringLiteral(value) ? value.text : ts.SyntaxKind[value.kind]];
  });
  return Object.fromEntries(entries) as Record<string, string>;
}

const text = fc.oneof(
  fc.constantFrom(...hardNames),
  fc.constantFrom("deployer", "deployer-2", "deployer 2", "Deployer"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 120 }),
  fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
);
const credential = fc.record({
  id: fc.uuid(),
  name: text,
  description: text,
  created_at: fc.constant("2026-01-01T00:00:00Z"),
});
const accounts: fc.Arbitrary<Account[]> = fc.uniqueArray(
  fc.record(
    {
      id: fc.stringMatching(/^[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}$/),
      name: text,
      description: fc.oneof(text, fc.constant("")),
      created_at: fc
        .date({ min: new Date("2020-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
        .map((date) => date.toISOString()),
      organizationId: fc.string({ unit: "grapheme", minLength: 1 }),
      credentials: fc.array(credential, { maxLength: 2 }),
    },
    { requiredKeys: ["id", "name", "created_at"] },
  ),
  { maxLength: 12, selector: ({ id }) => id },
);

test("is valid, formatted, and equal to Keycard for any names and descriptions", async () => {
  const options = fc.record({
    protect: fc.boolean(),
    taken: fc.array(fc.constantFrom("deployer", "deployer-2", "account")),
  });
  const property = fc.asyncProperty(accounts, options, async (all, { taken, protect }) => {
    const written = await program(all, { protect, taken });
    const declared = declarations(written.text);
    const expected = all
      .filter(({ id }) => !written.skipped.some(({ account }) => account.id === id))
      .map(({ id, name, description, organizationId }) => ({
        adopt: id,
        name,
        ...(description ? { description } : {}),
        ...(organizationId === undefined ? {} : { organizationId }),
      }));
    const actual = declared.map(({ logicalName, args }) => ({ name: logicalName, adopt: "", ...args }));
    expect(sorted(actual)).toEqual(sorted(expected));
    expect(declared.map(({ options }) => options)).toEqual(
      declared.map(() => (protect ? { protect: "TrueKeyword" } : undefined)),
    );
    expect(written.count).toBe(expected.length);
    for (const key of ["identifier", "logicalName"] as const)
      expect(new Set(declared.map((one) => one[key])).size).toBe(declared.length);
    expect(taken.filter((name) => declared.some(({ logicalName }) => logicalName === name))).toEqual([]);
    expect(await isFormatted(written.text, { parser: "typescript" })).toBe(true);
    expect(written.text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/);
  });
  await fc.assert(property, { numRuns: 40 });
});

function sorted<Args extends { adopt: string }>(all: Args[]): Args[] {
  return all.sort((a, b) => (a.adopt < b.adopt ? -1 : 1));
}

test("does not depend on the accounts' order, and a new account changes no earlier line", async () => {
  const property = fc.asyncProperty(accounts, async (all) => {
    const plain = all.map(({ id, name, created_at }) => ({ id, name, created_at }));
    const whole = await program(plain);
    expect(await program([...plain].reverse())).toEqual(whole);
    const later = { id: "later", name: "deployer", created_at: "2031-01-01T00:00:00Z" };
    expect((await program([later, ...plain])).text.startsWith(whole.text)).toBe(true);
  });
  await fc.assert(property, { numRuns: 40 });
});
