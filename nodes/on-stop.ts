/** Waits that end when messages are stopped. */
import type { CancelTimer, Clock } from '../src/clock';

/** Calls `stop` once `signal` has aborted and what is there already was handled; returns how to take that back. */
export function onStop(signal: AbortSignal, clock: Clock, stop: () => void): CancelTimer {
  let cancel: CancelTimer | undefined;
  const aborted = (): void => {
    cancel = clock.afterReading(stop);
  };
  if (signal.aborted) aborted();
  else signal.addEventListener('abort', aborted, { once: true });
  return () => {
    signal.removeEventListener('abort', aborted);
    cancel?.();
  };
}

/** Resolves when `wait` has, or `signal` aborts, whichever comes first; rejects as `wait` does. */
export async function settledOrStopped(wait: Promise<void>, signal: AbortSignal, clock: Clock): Promise<void> {
  let release: CancelTimer | undefined;
  const stopped = new Promise<void>((resolve) => {
    release = onStop(signal, clock, resolve);
  });
  await Promise.race([wait, stopped]).finally(release);
}
