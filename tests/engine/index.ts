import { openPulumi, pulumiVersion } from "./pulumi";
import { openStandIn } from "./standIn";
import type { Engine, EngineOptions } from "./types";

export * from "./types";

/**
 * Opens a new, empty stack on the real engine if there is one on the PATH, and on the stand-in otherwise.
 * The variable `ENGINE` (`pulumi` or `stand-in`) forces one.
 * @throws Error if `ENGINE` asks for what isn't there
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const engine = await ((await chooseEngine()) === "pulumi" ? openPulumi(options) : openStandIn(options));
  options.log?.(`engine: ${engine.name} ${engine.version}`);
  return engine;
}

/** Which engine {@link openEngine} opens. @throws Error if `ENGINE` asks for what isn't there */
export async function chooseEngine(): Promise<Engine["name"]> {
  const forced = process.env.ENGINE || undefined;
  if (forced !== undefined && forced !== "pulumi" && forced !== "stand-in") {
    throw new Error(`ENGINE is "${forced}"; it may be "pulumi" or "stand-in".`);
  }
  if (forced === "stand-in") return forced;
  const missing = await pulumiVersion().then(
    () => undefined,
    (error: Error) => error,
  );
  if (missing && forced) throw missing;
  return missing ? "stand-in" : "pulumi";
}
