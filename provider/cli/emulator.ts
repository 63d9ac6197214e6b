import type { Command } from "commander";
import { InvalidArgumentError } from "commander";
import type { EmulatorOptions } from "../../sdk/emulator";

/** Adds the command `pulumi-keycard emulator`, which serves until a signal stops it. */
export function addEmulatorCommand(commands: Command): void {
  commands
    .command("emulator")
    .description("serve the Keycard API on this machine, to develop and test against")
    .option("--port <number>", "port to listen on; 0 takes a free one", wholeNumber(65535), 4010)
    .option("--token-lifetime <seconds>", "how long access tokens are valid", wholeNumber(1e9), 3600)
    .option("--data <file>", "keep everything in this file, and go on from what is in it")
    .addHelpText(
      "after",
      "\nReady, it prints one line of JSON: endpoint, organizationId, organizationLabel, clientId, clientSecret, apiKey." +
        "\nIt listens on 127.0.0.1 only. SIGINT (Ctrl-C) or SIGTERM stops it. Without --data, it keeps everything in memory." +
        "\nA file holds hashes of secrets only: each start prints a new clientSecret and apiKey, and the earlier ones stay good.",
    )
    .action(serve);
}

async function serve(options: EmulatorOptions & { port: number }): Promise<void> {
  try {
    // Loaded only here, since the other commands start in half the time without it.
    const { startEmulator } = await import("../../sdk/emulator/index.js");
    const { close, ...details } = await startEmulator(options);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void close());
    process.stdout.write(`${JSON.stringify(details)}\n`);
    process.stderr.write(`Keycard emulator on ${details.endpoint}; Ctrl-C stops it.\n`);
  } catch (error) {
    process.stderr.write(`error: ${reason(error as NodeJS.ErrnoException, options.port)}\n`);
    process.exitCode = 1;
  }
}

function reason({ code, syscall, message }: NodeJS.ErrnoException, port: number): string {
  if (code === "EADDRINUSE")
    return `Port ${port} is in use; choose another with --port, or 0 for a free one.`;
  if (code === "EACCES" && syscall === "listen")
    return `This user may not listen on port ${port}; choose another with --port.`;
  return `The emulator cannot start: ${message}`;
}

function wholeNumber(maximum: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) <= maximum) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${maximum}.`);
  };
}
