// Loaded before Pulumi's own scripts. They load the TypeScript compiler and a package manager, with which they take closures apart that
// are to be kept in a state. Our resources have none, and without these two a script starts in half the time: so
// they are loaded when something of them is first needed, and not before.
const Module = require("node:module");

const late = new Set(["typescript", "@npmcli/arborist"]);
const { _load } = Module;

Module._load = function (request, ...where) {
  if (!late.has(request)) return _load.call(this, request, ...where);
  let loaded;
  const load = () => (loaded ??= _load.call(this, request, ...where));
  // Asked whether it is an ES module, so that nobody copies all that is in it.
  return new Proxy(
    {},
    { get: (_, key) => key === "__esModule" || load()[key], has: (_, key) => key in load() },
  );
};
