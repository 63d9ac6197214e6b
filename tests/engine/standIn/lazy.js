// Loaded before Pulumi's own scripts. They load the TypeScript compiler and a package manager, which serialize closures into the state, the
// Automation API, tracing and source maps. The tests use none of these, and a script starts in less than half the time without
// them: so each is loaded when it is first used.
const Module = require("node:module");

const deferred = new RegExp(
  `^(${[
    "typescript",
    "@npmcli/arborist",
    "normalize-package-data",
    "source-map-support/register",
    "\\./automation",
    "@opentelemetry/(?!api$).+",
  ].join("|")})$`,
);
const { _load } = Module;

Module._load = function (request, ...rest) {
  if (!deferred.test(request)) return _load.call(this, request, ...rest);
  let loaded;
  const load = () => (loaded ??= _load.call(this, request, ...rest));
  // Claims to be an ES module, because the properties of a CommonJS module would be copied, and so loaded.
  return new Proxy(
    {},
    { get: (_, key) => key === "__esModule" || load()[key], has: (_, key) => key in load() },
  );
};
