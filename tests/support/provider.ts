/** The provider that a suite runs on: jest.config.js runs the suites of `tests/provider` once for each. */

export type Provider = "dynamic" | "native";

export const provider = (globalThis as { PROVIDER?: Provider }).PROVIDER ?? "dynamic";

export const isNative = provider === "native";

/** Returns Pulumi's token of a type. */
export function tokenOf(type: string, of = provider): string {
  return of === "native" ? `keycard:index:${type}` : `pulumi-nodejs:dynamic/keycard:${type}`;
}

/** Returns true for the token of one of our types, of either provider. */
export function isOurToken(token: string): boolean {
  return token.startsWith(tokenOf("", "native")) || token.startsWith(tokenOf("", "dynamic"));
}
