#!/usr/bin/env node
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { addDriftCommand } from "./drift";
import { addEmulatorCommand } from "./emulator";

const { version, description } = JSON.parse(
  readFileSync(join(__dirname, "..", "..", "..", "package.json"), "utf8"),
) as { version: string; description: string };

const program = new Command("pulumi-keycard")
  .version(version)
  .description(description)
  // 2 says "called wrongly", so that 1 can say "called rightly, and failed".
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
addDriftCommand(program);
addEmulatorCommand(program);
void program.parseAsync();
