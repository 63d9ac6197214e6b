// GitHub's `gh` and GitLab's API behind `curl`, as far as the pipelines use them: comments on one pull request, kept in a file.
// Run as `forge.js gh FILE …` or `forge.js curl FILE …`.
const { readFileSync, writeFileSync } = require("node:fs");
const { parseArgs } = require("node:util");

const [, , command, file, ...args] = process.argv;
const forge = JSON.parse(readFileSync(file, "utf8"));

function refuse(why) {
  throw new Error(`${command} ${args.join(" ")}: ${why}`);
}

/** Does what was asked for, of the comments below `path`. @returns what is answered */
function answer(method, path, body) {
  const [, folder, id] = /^(.*?)(?:\/(\d+))?$/.exec(path);
  const found = forge.comments.find((comment) => String(comment.id) === id);
  if (body !== undefined && body.length > 65536) refuse("Body is too long");
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

function read(option, given = "") {
  const [, path] = new RegExp(`^body${option}(.+)$`).exec(given) ?? [];
  return path && readFileSync(path, "utf8");
}

const text = { type: "string" };
const flag = { type: "boolean" };

function gh() {
  const options = { paginate: flag, silent: flag, jq: text, method: text, field: text };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (positionals[0] !== "api") refuse("the tests know only gh api");
  if (process.env.GH_TOKEN !== forge.token) refuse("Bad credentials");
  const comments = answer(values.method ?? "GET", positionals[1], read("=@", values.field));
  if (comments === undefined) return;
  const [, login, start] =
    /^\.\[\] \| select\(\.user\.login == "(.+?)" and \(\.body \| startswith\("(.+?)"\)\)\) \| \.id$/.exec(
      values.jq,
    ) ?? refuse("the tests know only one such filter");
  for (const { id, by, body } of comments) if (by === login && body.startsWith(start)) console.log(id);
}

function curl() {
  const options = {
    ...{ fail: flag, silent: flag, "show-error": flag, output: text, header: text, request: text },
    "data-urlencode": text,
  };
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  if (values.header !== `PRIVATE-TOKEN: ${forge.token}`) refuse("401 Unauthorized");
  const { origin, pathname } = new URL(positionals[0]);
  if (pathname.endsWith("/user")) return console.log(JSON.stringify({ id: forge.me }));
  const comments = answer(
    values.request ?? "GET",
    `${origin}${pathname}`,
    read("@", values["data-urlencode"]),
  );
  if (comments)
    console.log(JSON.stringify(comments.map(({ id, by, body }) => ({ id, author: { id: by }, body }))));
}

({ gh, curl })[command]();
