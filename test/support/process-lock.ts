/** Lock that test runs on one machine share, such as those of two clones: one holder at a time. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const RETRY_EVERY_MS = 250;
/** Shorter waits are not worth a line. */
const SAY_AFTER_MS = 2000;

export interface WaitOptions {
  /** Printed once, if it takes longer than a moment. */
  readonly notice: string;
  readonly timeoutMs: number;
  readonly say?: (notice: string) => void;
}

/** Calls `attempt` until it is true. Says why it waits, and fails with the same words when the time is over. */
export async function waitForTurn(attempt: () => Promise<boolean>, options: WaitOptions): Promise<void> {
  const { notice, timeoutMs, say = console.log } = options;
  const startedAt = performance.now();
  let said = false;
  while (!(await attempt())) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs > timeoutMs) throw new Error(`${notice}; gave up after ${Math.round(timeoutMs / 1000)} s`);
    if (!said && waitedMs > SAY_AFTER_MS) say(notice);
    said ||= waitedMs > SAY_AFTER_MS;
    await pause(RETRY_EVERY_MS);
  }
}

/** Waits until it holds the lock; resolves to what releases it. The system releases it when the process ends. */
export async function acquireLock(name: string, options: WaitOptions): Promise<() => Promise<void>> {
  // A socket in Linux' abstract namespace leaves no file behind that a crash would make stale.
  if (process.platform !== 'linux') return () => Promise.resolve();
  const server = createServer();
  await waitForTurn(() => listens(server, { path: `\0node-red-contrib-phase0-test-${name}` }), options);
  server.unref();
  return () => new Promise((resolve) => server.close(() => resolve()));
}

/** Whether nothing listens on the port. */
export async function isFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  const server = createServer();
  if (!(await listens(server, { port, host }))) return false;
  await new Promise((resolve) => server.close(resolve));
  return true;
}

async function listens(server: ReturnType<typeof createServer>, at: object): Promise<boolean> {
  server.listen(at);
  try {
    await once(server, 'listening');
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false;
    throw error;
  }
}
