/** The package that rotation uses. `npm run build` bundles it into this module, so that users do not install it. */
export { default as ms } from "ms";
