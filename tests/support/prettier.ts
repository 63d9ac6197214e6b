/** Prettier as Jest can load it: its usual entry is an ES module. */
import type { Options } from "prettier";
import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import * as markdown from "prettier/plugins/markdown";
import * as typescript from "prettier/plugins/typescript";
import * as yaml from "prettier/plugins/yaml";
import * as prettier from "prettier/standalone";

const plugins = [babel, estree, markdown, typescript, yaml] as NonNullable<Options["plugins"]>;

export function format(text: string, options: Options): Promise<string> {
  return prettier.format(text, { ...options, plugins });
}

export function isFormatted(text: string, options: Options): Promise<boolean> {
  return prettier.check(text, { ...options, plugins });
}
