/** Compares stacks with the Keycard organizations of their resources. Nothing in this folder can change anything at Keycard. */
export { findDrift } from "./findDrift";
export { findUnmanaged } from "./findUnmanaged";
export type { Unmanaged } from "./findUnmanaged";
export { readOnly } from "./inventory/readOnly";
export type { Progress } from "./inventory/readInventory";
export { DESCRIPTIONS, KINDS } from "./report/finding";
export type { Change, Declaration, Drift, Finding, Kind, Remedy } from "./report/finding";
export type { Stack } from "./state/declarations";
export { readState } from "./state/readState";
