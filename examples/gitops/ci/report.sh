#!/usr/bin/env bash
# report.sh PREVIEW DRIFT: one comment of what `pulumi preview` printed and of the Markdown that `pulumi-keycard drift` wrote.
# Its first line is how the pipelines find the comment again, to replace it.
set -euo pipefail
export LC_ALL=C

# A comment holds 65,536 characters, and half of that is more than anybody reads.
limit=30000

# The comment is written all the same: it is there that people look.
missing() {
  echo 'There is none: the log of the job says why.'
}

# Every line is indented, which makes it code: whatever a resource is called, nothing in it becomes a link or a mention.
quoted() {
  [ -s "$1" ] || { missing; return; }
  awk -v limit="$limit" '
    { gsub(/\r/, ""); size += length($0) + 5 }
    size > limit { print "\nThis is cut off. The log of the job has all of it."; exit }
    { print "    " $0 }' "$1"
}

written() {
  [ -s "$1" ] || { missing; return; }
  awk -v limit="$limit" '
    { size += length($0) + 1 }
    size > limit { print "\nThis is cut off. The log of the job has all of it."; exit }
    { print }' "$1"
}

printf '<!-- keycard-gitops -->\n## What merging this does to `%s`\n\n' "$PULUMI_STACK"
quoted "$1"
printf '\n## Drift, as Keycard is now\n\n'
written "$2"
