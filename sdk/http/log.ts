/** How much is logged; each level includes those before it. */
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_LEVELS = ["off", "error", "warn", "info", "debug"] as const;

/** Where log lines go. `console` is one. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

// Standard output may be spoken for: Pulumi's provider host and the emulator tell their address there.
const stderr = (line: string) => console.error(line);
export const STDERR: Logger = { error: stderr, warn: stderr, info: stderr, debug: stderr };

/** A logger that passes on what `level` includes. */
export function leveled(level: LogLevel, logger: Logger): Logger {
  const at = (own: Exclude<LogLevel, "off">) => (message: string) => {
    if (LOG_LEVELS.indexOf(own) > LOG_LEVELS.indexOf(level)) return;
    try {
      logger[own](`keycard: ${message}`);
    } catch {
      // A log that fails must not lose the answer of a call that succeeded.
    }
  };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}
