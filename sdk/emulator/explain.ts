import type { ErrorObject } from "./thirdParty";

/** Returns a sentence with each invalid property and what is required of it, without any value. */
export function explain(errors: readonly ErrorObject[]): string {
  const found = errors.map((error) => `\`${nameOf(error)}\` ${demand(error)}`);
  return `${[...new Set(found)].join("; ")}.`;
}

function nameOf({ instancePath, params }: ErrorObject): string {
  const own = params.missingProperty ?? params.additionalProperty;
  const isName = (segment: string) => !/^\d*$/.test(segment);
  return String(own ?? instancePath.split("/").filter(isName).at(-1) ?? "body");
}

function demand({ keyword, params, message }: ErrorObject): string {
  switch (keyword) {
    case "required":
      return "is required";
    case "additionalProperties":
      return "is unknown";
    case "type":
      return `must be of the type ${[params.type].flat().join(" or ")}`;
    case "enum":
      return `must be one of ${params.allowedValues.join(", ")}`;
    case "const":
      return `must be ${params.allowedValue}`;
    case "minLength":
      return "must not be empty";
    case "maxLength":
      return `must have at most ${params.limit} characters`;
    case "minimum":
      return `must be at least ${params.limit}`;
    case "maximum":
      return `must be at most ${params.limit}`;
    case "format":
      return `must be a ${params.format.toUpperCase()}`;
    default:
      return message ?? "is invalid";
  }
}
