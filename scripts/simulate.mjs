/** Simulation: runs the core in simulated worlds. See test/simulation/. */
import { runBuilt } from './run-built.mjs';

// Ctrl-C is for the simulation, which then prints its sum.
process.on('SIGINT', () => undefined);
// One world after the other: threads of V8 would only take the time of other processes.
const flags = ['--single-threaded', '--max-semi-space-size=64', '--min-semi-space-size=32'];
runBuilt('test/simulation/simulate.js', ...flags);
