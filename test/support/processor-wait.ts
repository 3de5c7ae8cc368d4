/** How long processes have waited for a processor, so that tests of lateness hold on a busy machine. */
import { readFileSync } from 'node:fs';

const NANOSECONDS = 1e6;

/**
 * For how long the main threads of the processes were ready to run and did not, in ms. 0 where the system does not say:
 * it is in `/proc` of Linux, as the second number of `schedstat`.
 */
export function processorWaitMs(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => sum + waitMs(pid), 0);
}

function waitMs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) / NANOSECONDS;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
