// GitHub's `gh` and GitLab's API behind `curl`, as far as the pipelines use them: the comments on one pull request, in a file.
// Usage: forge.js gh FILE …, or forge.js curl FILE …
const { readFileSync, writeFileSync } = require("node:fs");
const { parseArgs } = require("node:util");

const [, , command, file, ...args] = process.argv;
const forge = JSON.parse(readFileSync(file, "utf8"));
const text = { type: "string" };
const flag = { type: "boolean" };
const parse = (options) => parseArgs({ args, options, allowPositionals: true });

function refuse(why) {
  throw new Error(`${command} ${args.join(" ")}: ${why}`);
}

/** Serves a request; returns the comments for a list. `bodyOption` is `body@FILE` or `body=@FILE`. */
function serve(method = "GET", path, bodyOption) {
  const [, folder, id] = /^(.*?)(?:\/(\d+))?$/.exec(path);
  const found = forge.comments.find((comment) => String(comment.id) === id);
  const body = bodyOption && readFileSync(/^body=?@(.+)$/.exec(bodyOption)[1], "utf8");
  if (body?.length > 65536) refuse("Body is too long");
  if (method === "GET" && folder === forge.list) return forge.comments;
  if (method === "POST" && folder === forge.list) {
    forge.comments.push({ id: forge.comments.length + 1, by: forge.me, body });
  } else if (["PUT", "PATCH"].includes(method) && folder === forge.edit && found?.by === forge.me) {
    found.body = body;
  } else {
    refuse("Not Found");
  }
  writeFileSync(file, JSON.stringify(forge));
}

const FILTER =
  /^\.\[\] \| select\(\.user\.login == "(.+?)" and \(\.body \| startswith\("(.+?)"\)\)\) \| \.id$/;

function gh() {
  const { values, positionals } = parse({
    paginate: flag,
    silent: flag,
    jq: text,
    method: text,
    field: text,
  });
  if (positionals[0] !== "api") refuse("not implemented");
  if (process.env.GH_TOKEN !== forge.token) refuse("Bad credentials");
  const comments = serve(values.method, positionals[1], values.field);
  if (comments === undefined) return;
  const [, login, start] = FILTER.exec(values.jq) ?? refuse("this filter is not implemented");
  for (const { id, by, body } of comments) if (by === login && body.startsWith(start)) console.log(id);
}

function curl() {
  const { values, positionals } = parse({
    ...{ fail: flag, silent: flag, "show-error": flag, output: text, header: text, request: text },
    "data-urlencode": text,
  });
  if (values.header !== `PRIVATE-TOKEN: ${forge.token}`) refuse("401 Unauthorized");
  const { origin, pathname } = new URL(positionals[0]);
  if (pathname.endsWith("/user")) return console.log(JSON.stringify({ id: forge.me }));
  const comments = serve(values.request, `${origin}${pathname}`, values["data-urlencode"]);
  if (comments)
    console.log(JSON.stringify(comments.map(({ id, by, body }) => ({ id, author: { id: by }, body }))));
}

({ gh, curl })[command]();
