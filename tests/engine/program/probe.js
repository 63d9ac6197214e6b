// A dynamic resource that lives in a file, and that fails when it is told to. It shows what an engine asks of providers.
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

/** Everything that was ever made, by ID: { inputs, serial }; `gone` if it was deleted, `fail` makes a method fail. */
const load = () => JSON.parse(readFileSync("world.json", "utf8"));
const save = (world) => writeFileSync("world.json", JSON.stringify(world));

function own(properties) {
  return { ...properties, __provider: undefined };
}

function outputs(id, { inputs, serial }) {
  return { ...inputs, serial, token: `token of ${id} ${serial}` };
}

function called(method, args) {
  appendFileSync("calls.jsonl", JSON.stringify({ method, ...args }) + "\n");
}

/** Waits for the one who is named in waitFor, by method, to let go; that one is told who waits. */
async function wait(method, { waitFor = {} }) {
  if (waitFor[method]) await fetch(`${waitFor[method]}/${process.pid}`);
}

function initFailed(id, thing, { __provider }) {
  const properties = { ...outputs(id, thing), __provider };
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
    const world = load();
    const id = `${inputs.label}-${Object.keys(world).length + 1}`;
    world[id] = { inputs: own(inputs), serial: 1 };
    save(world);
    if (inputs.fail === "init") throw initFailed(id, world[id], inputs);
    return { id, outs: outputs(id, world[id]) };
  },
  async read(id, props) {
    called("read", { id, props: own(props) });
    await wait("read", props);
    const thing = load()[id];
    if (!thing || thing.gone) return {};
    if (thing.fail === "read") throw new Error("it can't be read");
    return { id, props: outputs(id, thing), inputs: thing.inputs };
  },
  async update(id, olds, news) {
    called("update", { id, olds: own(olds), news: own(news) });
    await wait("update", news);
    if (news.fail === "update") throw new Error("it can't be changed");
    const world = load();
    world[id] = { inputs: own(news), serial: world[id].serial + 1 };
    save(world);
    if (news.fail === "init") throw initFailed(id, world[id], news);
    return { outs: outputs(id, world[id]) };
  },
  async delete(id, props) {
    called("delete", { id, props: own(props) });
    await wait("delete", props);
    const world = load();
    if (world[id].fail === "delete") throw new Error("it can't be deleted");
    world[id].gone = true;
    save(world);
  },
};
