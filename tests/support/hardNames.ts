/** Names that are difficult to write into a program. */
export const hardNames = [
  // Names that are equal, or become equal as identifiers.
  ..."deployer deployer Deployer deployer-2".split(" "),
  "deploy er",
  "deployEr",
  // Names that are not identifiers, or are reserved.
  "2fa bot",
  ..."delete await exports require module undefined arguments let".split(" "),
  ..."keycard config pulumi __filename constructor __proto__".split(" "),
  "...",
  "-",
  " ",
  // Names that end a string, a comment, a line or a template.
  'say "hi"',
  "it's",
  `"both" aren't`,
  "back\\slash\\",
  "*/ /* // end",
  "two\nlines\r\n",
  "tab\tand\0null",
  "separators\u2028\u2029\u0085",
  "`${process.exit(1)}`",
  "</script><!--",
  // Other scripts, invisible characters, and changes of direction.
  ..."größe GRO\u0308SSE 部署 नमस्ते".split(" "),
  "ﬁne ① ²",
  "𝓭𝓮𝓹𝓵𝓸𝔂",
  "\u{13000}\u{13001}",
  "👩‍🚀 ❤️ 🇩🇪 👍🏽",
  "\u200b\u200d\ufeff\u3164",
  "\u202eright to left\u2066",
  "\u001b[2J\u001b]8;;https://example.com\u0007",
  "n".repeat(300),
  "部署".repeat(60),
];
