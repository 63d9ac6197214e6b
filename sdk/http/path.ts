import { ArgumentError } from "../errors";
import { Id as isId, OrganizationId as isOrganizationId } from "../generated/validators";

/** Characters of an invalid ID that its error shows. */
const MAX_SHOWN = 40;

/**
 * Returns an organization's ID or label as an encoded part of a path.
 *
 * @throws {ArgumentError} if it is empty or too long, or would lead to another path
 */
export function organizationSegment(value: string): string {
  const name = "organization_id";
  if (!isOrganizationId(value) || value === "." || value === "..")
    throw invalidId(name, value, "an organization's ID or label");
  try {
    return encodeURIComponent(value);
  } catch {
    throw new ArgumentError(`${name} is not well-formed Unicode`);
  }
}

/**
 * Returns a Keycard ID as a part of a path.
 *
 * @param name of the argument, for the error
 * @throws {ArgumentError} if it is not an ID; proxies might resolve it to another path
 */
export function idSegment(name: string, value: string): string {
  if (!isId(value)) throw invalidId(name, value);
  return value;
}

function invalidId(name: string, value: unknown, expected = "a Keycard ID"): ArgumentError {
  const hint = "Pass the ID as Keycard returned it.";
  if (typeof value !== "string") return new ArgumentError(`${name} is missing`, hint);
  const shown = value.length > MAX_SHOWN ? `${value.slice(0, MAX_SHOWN)}…` : value;
  return new ArgumentError(`${name} ${JSON.stringify(shown)} is not ${expected}`, hint);
}
