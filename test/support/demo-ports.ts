/**
 * One `npm start` at a time among the test runs on this machine. It takes other ports where its own are taken, but two
 * that look at the same moment would choose the same ones.
 */
import { acquireLock } from './process-lock';

const TIMEOUT_MS = 5 * 60_000;

/** At the top of a `describe` that runs `npm start`. */
export function useDemoPorts(): void {
  let release: (() => Promise<void>) | undefined;
  before('waits for the ports of npm start', async function () {
    this.timeout(TIMEOUT_MS + 10_000);
    release = await acquireLock('demo', {
      notice: 'waiting for the ports of npm start, which another test run uses',
      timeoutMs: TIMEOUT_MS,
    });
  });
  after(() => release?.());
}
