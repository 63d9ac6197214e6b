/**
 * The packages that the command line uses, and the folders `drift` and `codegen`. `npm run build` bundles them into this module,
 * so that users install none of them. The provider never loads it.
 */
export { Ajv } from "ajv";
export { default as anyAscii } from "any-ascii";
export { SingleBar } from "cli-progress";
export { Command, InvalidArgumentError, Option } from "commander";
export { distance } from "fastest-levenshtein";
export { eastAsianWidth } from "get-east-asian-width";
export { default as ms } from "ms";
export { default as pMap } from "p-map";
export { createColors } from "picocolors";
export { default as wildcardMatch } from "wildcard-match";
