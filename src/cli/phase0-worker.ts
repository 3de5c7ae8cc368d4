#!/usr/bin/env node
/** The command phase0-worker. */
import { commands } from './commands';

void commands['phase0-worker']();
