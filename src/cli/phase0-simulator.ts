#!/usr/bin/env node
/** The command phase0-simulator. */
import { runCommand } from './shell';
import { simulate } from './simulator';
import { simulatorCommand } from './simulator-command';

/** Runs with the arguments of this process, and sets its exit code. */
export const run = (): Promise<void> => runCommand(simulatorCommand, simulate);

if (require.main === module) void run();
