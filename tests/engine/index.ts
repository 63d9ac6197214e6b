import { openPulumi, pulumiVersion } from "./pulumi";
import { openStandIn } from "./standIn";
import type { Engine, EngineOptions } from "./types";

export * from "./types";

/** Opens a new, empty stack, on each of the engines. */
export const openers = { pulumi: openPulumi, "stand-in": openStandIn };

/**
 * Opens a new, empty stack on the real engine if there is one, and on the stand-in otherwise. The real one is a `pulumi` on the PATH, else
 * the one that `npm run engine` has built. The variable `ENGINE` (`pulumi` or `stand-in`) forces one.
 * @throws Error if `ENGINE` asks for an engine that this machine does not have
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const engine = await openers[await chooseEngine()](options);
  options.log?.(`engine: ${engine.name} ${engine.version}`);
  return engine;
}

/**
 * Returns which engine {@link openEngine} opens.
 * @param built the folder in which `npm run engine` puts what it builds
 * @throws Error if `ENGINE` asks for an engine that this machine does not have
 */
export async function chooseEngine(built?: string): Promise<Engine["name"]> {
  const forced = process.env.ENGINE || undefined;
  if (forced !== undefined && forced !== "pulumi" && forced !== "stand-in") {
    throw new Error(`ENGINE is "${forced}"; it may be "pulumi" or "stand-in".`);
  }
  if (forced === "stand-in") return forced;
  const missing = await pulumiVersion(built).then(
    () => undefined,
    (error: Error) => error,
  );
  if (missing && forced) throw missing;
  return missing ? "stand-in" : "pulumi";
}
