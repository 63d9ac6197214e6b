/** The packages that the emulator uses. `npm run build` bundles them into this module, so that users install none of them. */
export { Ajv } from "ajv";
export type { ErrorObject, ValidateFunction } from "ajv";
export { OpenAPIBackend } from "openapi-backend";
export type { Document, Request } from "openapi-backend";
