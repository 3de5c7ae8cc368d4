/** Faults: switches over real sockets through a faulty network, seed by seed. See test/faults/. */
import { runBuilt } from './run-built.mjs';

runBuilt('test/faults/faults.js');
