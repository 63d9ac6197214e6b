import { validateHeaderName, validateHeaderValue } from "node:http";
import { ConfigurationError } from "../errors";
import type { Settings } from "../options";
import { redactor } from "./redact";
import { statusError } from "./response";
import { exchange } from "./transport";
import type { HttpRequest, HttpResponse } from "./transport";
import { USER_AGENT } from "./userAgent";

/** Returns the headers of a request without its authorization. The caller's own cannot replace those that the API relies on. */
export function headersFor(
  settings: Settings,
  requestId: string,
  contentType: string | undefined,
  more: Readonly<Record<string, string>> = {},
): Record<string, string> {
  const headers: Record<string, string> = { accept: "application/json", "user-agent": USER_AGENT };
  for (const [name, value] of [...Object.entries(settings.headers), ...Object.entries(more)]) {
    headers[name.toLowerCase()] = value;
  }
  delete headers["authorization"];
  delete headers["content-type"];
  if (contentType !== undefined) headers["content-type"] = contentType;
  headers["x-client-request-id"] = requestId;
  return headers;
}

/** Sends one request when the rate limiter lets it pass. Throws for every status but 2xx. */
export async function send(settings: Settings, request: HttpRequest): Promise<HttpResponse> {
  checkHeaders(request.headers);
  return settings.rateLimiter.run(request, settings.log, () => sendNow(settings, request));
}

async function sendNow(settings: Settings, request: HttpRequest): Promise<HttpResponse> {
  const redact = redactor([...request.secrets, ...secretHeaders(request.headers)]);
  const started = performance.now();
  let result = "no response";
  try {
    const response = await exchange(request, settings, redact);
    result = String(response.status);
    settings.clock.record(response.headers.get("date"), started);
    if (response.status >= 200 && response.status < 300) return response;
    throw statusError(request, response, redact);
  } finally {
    const took = Math.round(performance.now() - started);
    const { method, path, requestId, attempt } = request;
    settings.log.debug(
      `${method} ${path}: ${result} after ${took} ms (request ID ${requestId}, attempt ${attempt})`,
    );
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch {
      throw new ConfigurationError(
        name === "authorization" ? "apiKey" : "defaultHeaders",
        `cannot be sent in the header ${JSON.stringify(name)}: it contains a character that headers cannot have, such as a line break`,
      );
    }
  }
}

/** Returns what follows the scheme in an authorization, and the values of other headers that look secret by their names. */
function secretHeaders(headers: Readonly<Record<string, string>>): string[] {
  return Object.entries(headers)
    .filter(([name]) => /authorization|cookie|token|secret|key/i.test(name))
    .map(([, value]) => value.replace(/^(Basic|Bearer) /, ""));
}
