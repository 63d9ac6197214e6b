/** The amount of logging; each level includes those before it. */
export type LogLevel = (typeof LOG_LEVELS)[number];
export const LOG_LEVELS = ["off", "error", "warn", "info", "debug"] as const;

/** Receives log lines, as `console` does. */
export interface Logger {
  error(message: string): void;
  warn(message: string): void;
  info(message: string): void;
  debug(message: string): void;
}

// Pulumi's provider host and the emulator report their addresses on standard output.
const stderr = (line: string) => console.error(line);
export const STDERR: Logger = { error: stderr, warn: stderr, info: stderr, debug: stderr };

/** Returns a logger that passes on the lines that `level` includes. */
export function leveled(level: LogLevel, logger: Logger): Logger {
  const at = (own: Exclude<LogLevel, "off">) => (message: string) => {
    if (LOG_LEVELS.indexOf(own) > LOG_LEVELS.indexOf(level)) return;
    try {
      logger[own](`keycard: ${message}`);
    } catch {
      // A failing logger must not fail a call that succeeded.
    }
  };
  return { error: at("error"), warn: at("warn"), info: at("info"), debug: at("debug") };
}
