/** The wait of messages for the reading of a table. */
import { systemClock, type Clock } from '../../src/clock';
import { settledOrStopped } from '../on-stop';
import { READ_TIMEOUT_MS } from '../property';

/** Resolves with the reading, when `closing` aborts, or after `READ_TIMEOUT_MS`, which `late` is told; whichever is first. */
export async function readOrLate(
  reading: Promise<void>,
  closing: AbortSignal,
  late: () => void,
  clock: Clock = systemClock,
): Promise<void> {
  let cancel = (): void => undefined;
  const limit = new Promise<void>((resolve) => {
    cancel = clock.after(READ_TIMEOUT_MS, () => {
      late();
      resolve();
    });
  });
  await settledOrStopped(Promise.race([reading, limit]), closing, clock).finally(cancel);
}
