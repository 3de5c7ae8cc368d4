/** Port 19400 for one suite at a time: waits for its turn, also for other test runs and other programs. */
import { METRICS_PORT } from './fixtures';
import { acquireLock, isFree, waitForTurn } from './process-lock';

const TIMEOUT_MS = 10 * 60_000;

/** At the top of a `describe`, before the hooks that start what listens there. */
export function useMetricsPort(): void {
  let release: (() => Promise<void>) | undefined;
  before(`waits for port ${METRICS_PORT}`, async function () {
    this.timeout(2 * TIMEOUT_MS + 10_000);
    const options = {
      notice: `waiting for port ${METRICS_PORT}, which another process holds`,
      timeoutMs: TIMEOUT_MS,
    };
    release = await acquireLock('metrics-port', options);
    // Programs other than test runs know nothing of the lock.
    await waitForTurn(() => isFree(METRICS_PORT), options);
  });
  after(() => release?.());
}
