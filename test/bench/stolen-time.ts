/** Time that the host of a virtual machine has taken from its processors: whatever runs in it stands still meanwhile. */
import { readFileSync } from 'node:fs';

/** Place of `steal` in the first line of /proc/stat, proc(5); in hundredths of a second, of all processors together. */
const STEAL = 8;
const MS_PER_TICK = 10;

/** Since the machine was started, in ms; NaN where the system does not say. */
export function stolenMs(): number {
  try {
    const [line = ''] = readFileSync('/proc/stat', 'utf8').split('\n');
    return Number(line.split(/\s+/)[STEAL]) * MS_PER_TICK;
  } catch {
    return NaN;
  }
}
