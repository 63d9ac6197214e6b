import { InvalidArgumentError, Option } from "../thirdParty";
import type { Command } from "../thirdParty";
import type { Emulator, EmulatorOptions } from "../../sdk/emulator";

/** Adds `pulumi-keycard emulator`, which serves until a signal stops it. */
export function addEmulatorCommand(program: Command): void {
  program
    .command("emulator")
    .description("serve an emulated Keycard API on this machine, for development and tests")
    .option("--port <number>", "port to listen on; 0 selects a free port", wholeNumber(65535), 4010)
    .option("--token-lifetime <seconds>", "lifetime of access tokens", wholeNumber(1e9), 3600)
    .option("--data <file>", "file that keeps the data across restarts; created if missing")
    .addOption(
      new Option("--print <what>", "the settings as one line of JSON, or as commands that configure a stack")
        .choices(["json", "config"])
        .default("json"),
    )
    .addHelpText(
      "after",
      "\nThe JSON holds endpoint, organizationId, organizationLabel, clientId, clientSecret and apiKey. The settings are printed when the emulator is ready." +
        "\nListens on 127.0.0.1 only. SIGINT (Ctrl-C) or SIGTERM stops it. Without --data, the data is kept in memory." +
        "\nThe file passed with --data holds only hashes of secrets, so each start issues a new clientSecret and apiKey; the earlier ones stay valid.",
    )
    .action(serve);
}

type Printed = Omit<Emulator, "close">;

/** Returns the commands that let a stack use the emulator. */
function configCommands({ endpoint, organizationLabel, clientId, clientSecret }: Printed): string {
  return [
    `pulumi config set keycard:endpoint ${endpoint}`,
    `pulumi config set keycard:organizationId ${organizationLabel}`,
    `pulumi config set keycard:clientId ${clientId}`,
    `pulumi config set --secret keycard:clientSecret ${clientSecret}`,
  ].join("\n");
}

async function serve(options: EmulatorOptions & { port: number; print: "json" | "config" }): Promise<void> {
  try {
    // Loaded only here: it doubles the start time of the other commands.
    const { startEmulator } = await import("../../sdk/emulator/index.js");
    const { close, ...details } = await startEmulator(options);
    for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void close());
    process.stdout.write(
      `${options.print === "config" ? configCommands(details) : JSON.stringify(details)}\n`,
    );
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
    return `This user cannot listen on port ${port}; choose another with --port.`;
  return `The emulator cannot start: ${message}`;
}

function wholeNumber(maximum: number): (text: string) => number {
  return (text) => {
    if (/^\d+$/.test(text) && Number(text) <= maximum) return Number(text);
    throw new InvalidArgumentError(`It must be a whole number from 0 to ${maximum}.`);
  };
}
