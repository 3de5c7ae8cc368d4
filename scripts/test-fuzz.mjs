/** Fuzzing: draws hostile inputs. See test/fuzz/. */
import { runBuilt } from './run-built.mjs';

runBuilt('test/fuzz/fuzz.js', '--expose-gc');
