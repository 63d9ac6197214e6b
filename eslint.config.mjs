import tseslint from "typescript-eslint";

// examples → provider → sdk → HTTP: what a folder may not import, with the reason that the person who tries is told.
const never = (files, group, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ group, message }] }] },
});

export default tseslint.config(
  { ignores: ["dist/", "**/generated/", "**/node_modules/"] },
  ...tseslint.configs.strict,
  {
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      eqeqeq: ["error", "always", { null: "ignore" }],
    },
  },
  { files: ["**/*.js"], rules: { "@typescript-eslint/no-require-imports": "off" } },
  never(
    ["sdk/**"],
    ["@pulumi/*", "**/provider/**", "**/tests/**"],
    "sdk/ is usable without Pulumi and knows nothing of the folders above it.",
  ),
  never(
    ["provider/*.ts", "provider/!(cli)/**/*.ts"],
    ["node-fetch", "http", "https", "node:http", "node:https", "**/emulator/**", "**/cli/**", "**/tests/**"],
    "The provider speaks to Keycard through sdk/ alone, and never loads the emulator or the command line.",
  ),
  {
    files: ["provider/!(hosts|cli|program)/**/*.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        ...[
          "[kind='let']",
          "[kind='const'] > VariableDeclarator > NewExpression[callee.name=/^(Map|Set)$/][arguments.length=0]",
        ].map((selector) => ({
          selector: `Program > VariableDeclaration${selector}`,
          message: "Only provider/hosts and program keep the state of a process in modules.",
        })),
      ],
    },
  },
  never(["provider/cli/**"], ["**/tests/**"], "Nothing imports tests."),
);
