#!/usr/bin/env bash
# report.sh PREVIEW DRIFT: writes a comment with the output of `pulumi preview` and the Markdown of `pulumi-keycard drift`.
# By its first line, the pipelines find the comment again to replace it.
set -euo pipefail
export LC_ALL=C

# A comment can have 65,536 characters; each part gets less than half.
limit=30000

# The comment is written even so: people look there first.
missing() {
  echo 'Not available: see the log of the job.'
}

# Indented lines are code: no name in them becomes a link or a mention.
quoted() {
  [ -s "$1" ] || { missing; return; }
  awk -v limit="$limit" '
    { gsub(/\r/, ""); size += length($0) + 5 }
    size > limit { print "\nTruncated: the log of the job contains all of it."; exit }
    { print "    " $0 }' "$1"
}

written() {
  [ -s "$1" ] || { missing; return; }
  awk -v limit="$limit" '
    { size += length($0) + 1 }
    size > limit { print "\nTruncated: the log of the job contains all of it."; exit }
    { print }' "$1"
}

printf '<!-- keycard-gitops -->\n## What merging this does to `%s`\n\n' "$PULUMI_STACK"
quoted "$1"
printf '\n## Drift at Keycard\n\n'
written "$2"
