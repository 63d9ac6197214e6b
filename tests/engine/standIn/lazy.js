// Loaded before Pulumi's own scripts. They load the TypeScript compiler and a package manager, with which they take closures apart that
// are to be kept in a state, and what traces them. Our resources have no closures, our tests no traces, and without all that a
// script starts in less than half the time: so it is loaded when something of it is first needed, and not before.
const Module = require("node:module");

const late = /^(typescript|@npmcli\/arborist|@opentelemetry\/(?!api$).+)$/;
const { _load } = Module;

Module._load = function (request, ...where) {
  if (!late.test(request)) return _load.call(this, request, ...where);
  let loaded;
  const load = () => (loaded ??= _load.call(this, request, ...where));
  // Asked whether it is an ES module, so that nobody copies all that is in it.
  return new Proxy(
    {},
    { get: (_, key) => key === "__esModule" || load()[key], has: (_, key) => key in load() },
  );
};
