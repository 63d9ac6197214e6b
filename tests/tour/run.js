// The tour is TypeScript, like the tests; it is compiled in memory, as theirs is.
require("@babel/register")({
  babelrc: false,
  cache: false,
  extensions: [".ts"],
  only: [/[\\/]tests[\\/]/],
  presets: ["@babel/preset-typescript"],
  plugins: ["@babel/plugin-transform-modules-commonjs"],
});
require("./index.ts");
