#!/usr/bin/env node
import { description, version } from "../../sdk/internal";
import { Command } from "../thirdParty";
import { addAdoptCommand } from "./adopt";
import { addDriftCommand } from "./drift";
import { addEmulatorCommand } from "./emulator";
import { addPluginCommand } from "./plugin";

const commands = new Command("pulumi-keycard")
  .version(version)
  .description(description)
  // Commander exits with 1 on wrong usage; here 1 means that a correct call failed.
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
addAdoptCommand(commands);
addDriftCommand(commands);
addEmulatorCommand(commands);
addPluginCommand(commands);
void commands.parseAsync();
