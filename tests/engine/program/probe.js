// A dynamic resource whose objects are in a file, and which fails on demand. It shows how an engine calls a provider.
const { appendFileSync, readFileSync, writeFileSync } = require("node:fs");
const pulumi = require("@pulumi/pulumi");

exports.Probe = class extends pulumi.CustomResource {
  constructor(name, args, options) {
    const outputs = { serial: undefined, token: undefined };
    const __provider = 'exports.handler = () => require(process.cwd() + "/probe.js").provider';
    const all = { ...options, additionalSecretOutputs: ["token"] };
    super("pulumi-nodejs:dynamic/engine:Probe", name, { ...outputs, ...args, __provider }, all);
  }
};

/** All objects that were ever created, by ID: { inputs, serial, deleted?, fail? }; `fail` names a method that fails. */
const load = () => JSON.parse(readFileSync("objects.json", "utf8"));
const save = (objects) => writeFileSync("objects.json", JSON.stringify(objects));

function own(properties) {
  return { ...properties, __provider: undefined };
}

function outputs(id, { inputs, serial }) {
  return { ...inputs, serial, token: `token of ${id} ${serial}` };
}

function called(method, args) {
  appendFileSync("calls.jsonl", JSON.stringify({ method, ...args }) + "\n");
}

/** Waits at the gate in `waitFor` for this method, if there is one. */
async function wait(method, { waitFor = {} }) {
  if (waitFor[method]) await fetch(`${waitFor[method]}/${process.pid}`);
}

function initFailed(id, object, { __provider }) {
  const properties = { ...outputs(id, object), __provider };
  return Object.assign(new Error("initialization failed"), {
    id,
    properties,
    reasons: ["it is sick", "and tired"],
  });
}

exports.provider = {
  async configure({ config }) {
    called("configure", { password: config.get("probe:password") });
  },
  async check(olds, news) {
    called("check", { olds: own(olds), news: own(news) });
    const failures = (news.wrong ?? []).map((property) => ({ property, reason: `${property} is wrong` }));
    return { inputs: { ...news, checked: true }, failures };
  },
  async diff(id, olds, news) {
    called("diff", { id, olds: own(olds), news: own(news) });
    const keys = Object.keys({ ...load()[id]?.inputs, ...own(news) });
    const changed = keys.filter((key) => JSON.stringify(olds[key]) !== JSON.stringify(news[key]));
    return { changes: changed.length > 0, replaces: changed.filter((key) => key === "place") };
  },
  async create(inputs) {
    called("create", { inputs: own(inputs) });
    await wait("create", inputs);
    if (inputs.fail === "create") throw new Error("it can't be made");
    const objects = load();
    const id = `${inputs.label}-${Object.keys(objects).length + 1}`;
    objects[id] = { inputs: own(inputs), serial: 1 };
    save(objects);
    if (inputs.fail === "init") throw initFailed(id, objects[id], inputs);
    return { id, outs: outputs(id, objects[id]) };
  },
  async read(id, props) {
    called("read", { id, props: own(props) });
    await wait("read", props);
    const object = load()[id];
    if (!object || object.deleted) return {};
    if (object.fail === "read") throw new Error("it can't be read");
    return { id, props: outputs(id, object), inputs: object.inputs };
  },
  async update(id, olds, news) {
    called("update", { id, olds: own(olds), news: own(news) });
    await wait("update", news);
    if (news.fail === "update") throw new Error("it can't be changed");
    const objects = load();
    objects[id] = { inputs: own(news), serial: objects[id].serial + 1 };
    save(objects);
    if (news.fail === "init") throw initFailed(id, objects[id], news);
    return { outs: outputs(id, objects[id]) };
  },
  async delete(id, props) {
    called("delete", { id, props: own(props) });
    await wait("delete", props);
    const objects = load();
    if (objects[id].fail === "delete") throw new Error("it can't be deleted");
    objects[id].deleted = true;
    save(objects);
  },
};
