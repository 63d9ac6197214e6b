/**
 * Matches modules that Pulumi's SDK loads at its start, and that the tests never use: the TypeScript compiler and a package manager, which
 * serialize closures into the state, the Automation API, tracing and source maps. Without them, it loads in less than half the time.
 */
module.exports = new RegExp(
  `^(${[
    "typescript",
    "@npmcli/arborist",
    "normalize-package-data",
    "source-map-support/register",
    "\\./automation",
    "@opentelemetry/(?!api$).+",
  ].join("|")})$`,
);
