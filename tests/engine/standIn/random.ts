import { randomBytes, randomInt } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import type { Properties } from "../values";
import type { Diff, Live, Provider } from "./provider";

const adverbs = "barely boldly calmly fairly gladly hardly mildly nearly neatly surely".split(" ");
const adjectives = "agile brave clever eager fond keen merry proud quick sunny".split(" ");
const animals = "badger bison crane gecko heron lemur marten otter raven stoat".split(" ");

/** The two types of `@pulumi/random` that the examples use. Every change replaces the resource. */
export class RandomProvider implements Provider {
  readonly supportsPreview = false;

  async check(_urn: string, _olds: Properties, news: Properties) {
    return { inputs: news, failures: [] };
  }

  async diff(
    _urn: string,
    _id: string,
    olds: Properties,
    _outputs: Properties,
    news: Properties,
  ): Promise<Diff> {
    const keys = new Set([...Object.keys(olds), ...Object.keys(news)]);
    const replaces = [...keys].filter((key) => !isDeepStrictEqual(olds[key], news[key]));
    return { changes: replaces.length > 0, replaces };
  }

  async create(urn: string, inputs: Properties): Promise<Live> {
    const live = urn.includes("RandomPet") ? pet(inputs) : bytes(inputs);
    return { id: live.id, outputs: { ...inputs, ...live.outputs, id: live.id } };
  }

  async read(_urn: string, id: string, inputs: Properties, outputs: Properties): Promise<Live> {
    return { id, inputs, outputs };
  }

  async update(): Promise<Properties> {
    throw new Error("a random resource cannot be updated");
  }

  async delete(): Promise<void> {
    // The state is all there is.
  }
}

function bytes(inputs: Properties): Live {
  const random = randomBytes(Number(inputs["byteLength"]));
  const prefix = typeof inputs["prefix"] === "string" ? inputs["prefix"] : "";
  const hex = random.toString("hex");
  return {
    id: random.toString("base64url"),
    outputs: {
      b64Std: prefix + random.toString("base64"),
      b64Url: prefix + random.toString("base64url"),
      dec: prefix + BigInt(`0x${hex}`).toString(),
      hex: prefix + hex,
    },
  };
}

function pet(inputs: Properties): Live {
  const {
    length = 2,
    separator = "-",
    prefix,
  } = inputs as { length?: number; separator?: string; prefix?: string };
  const kinds = [...Array<string[]>(length).fill(adverbs), adjectives, animals].slice(-length);
  const words = kinds.map((words) => words[randomInt(words.length)]);
  return { id: [...(prefix ? [prefix] : []), ...words].join(separator), outputs: { length, separator } };
}
