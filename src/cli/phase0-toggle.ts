#!/usr/bin/env node
/** The command phase0-toggle. */
import { runCommand } from './shell';
import { toggle } from './toggle';
import { toggleCommand } from './toggle-command';

void runCommand(toggleCommand, toggle);
