/** The packages that the client uses. `npm run build` bundles them into this module, so that users install none of them. */
export { default as ucs2length } from "ajv/dist/runtime/ucs2length";
export { HttpsProxyAgent } from "https-proxy-agent";
export { default as nodeFetch } from "node-fetch";
export { getProxyForUrl } from "proxy-from-env";
