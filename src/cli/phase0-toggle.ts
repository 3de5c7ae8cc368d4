#!/usr/bin/env node
/** The command phase0-toggle. */
import { commands } from './commands';

void commands['phase0-toggle']();
