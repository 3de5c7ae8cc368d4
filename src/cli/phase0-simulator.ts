#!/usr/bin/env node
/** The command phase0-simulator. */
import { commands } from './commands';

void commands['phase0-simulator']();
