/** Soak: switches for long in one process. See test/soak/. */
import { runBuilt } from './run-built.mjs';

runBuilt('test/soak/soak.js', '--expose-gc');
