// Loaded before Pulumi's own scripts: a deferred module is loaded when it is first used.
const Module = require("node:module");
const deferred = require("./deferred");

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
