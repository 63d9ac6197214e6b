/** Writes the Pulumi program that adopts existing accounts. Reads nothing and calls nothing. */
export { logicalNamesFor, numbered } from "./names";
export { oldestFirst, refusalReason, writeProgram } from "./writeProgram";
export type { Account, GeneratedProgram, ProgramOptions } from "./writeProgram";
