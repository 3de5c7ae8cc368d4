#!/usr/bin/env node
/** The command phase0-toggle. */
import { runCommand } from './shell';
import { toggle } from './toggle';
import { toggleCommand } from './toggle-command';

/** Runs with the arguments of this process, and sets its exit code. */
export const run = (): Promise<void> => runCommand(toggleCommand, toggle);

if (require.main === module) void run();
