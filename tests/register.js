// Lets Node run tests' TypeScript outside of Jest; it is compiled in memory, as theirs is.
require("@babel/register")({
  babelrc: false,
  cache: false,
  extensions: [".ts"],
  only: [/[\\/]tests[\\/]/],
  presets: [require.resolve("@babel/preset-typescript")],
  plugins: [require.resolve("@babel/plugin-transform-modules-commonjs")],
});
