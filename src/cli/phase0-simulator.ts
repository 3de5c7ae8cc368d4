#!/usr/bin/env node
/** The command phase0-simulator. */
import { runCommand } from './shell';
import { simulate } from './simulator';
import { simulatorCommand } from './simulator-command';

void runCommand(simulatorCommand, simulate);
