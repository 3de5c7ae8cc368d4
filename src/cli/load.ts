/** Load generator: a number of toggles at a given concurrency over several device ids. */
import { setImmediate } from 'node:timers/promises';
import type { Device } from '../device/device';
import type { Verdict } from '../verdict';

export interface Load {
  readonly repeat: number;
  readonly concurrency: number;
  /** Device ids, used in turn. */
  readonly deviceIds: readonly string[];
  /** `flip`: the opposite of the last confirmed state of the device id; on while it is unknown. */
  readonly state: 'on' | 'off' | 'flip';
}

/** `D` alone, or `D-1` … `D-n`. */
export function deviceIdsFrom(deviceId: string, count: number): string[] {
  return count === 1 ? [deviceId] : Array.from({ length: count }, (_, index) => `${deviceId}-${index + 1}`);
}

/** Resolves when every started toggle has its verdict; after each one, `mayContinue` decides whether to start more. */
export async function runLoad(
  device: Pick<Device, 'toggle'>,
  { repeat, concurrency, deviceIds, state }: Load,
  onVerdict: (verdict: Verdict) => void,
  mayContinue: () => Promise<boolean>,
): Promise<void> {
  let started = 0;
  /** Each worker has device ids of its own, unless there are more workers than ids, and takes them in turn. */
  const worker = async (index: number): Promise<void> => {
    for (let turn = index; started < repeat; turn += concurrency) {
      started += 1;
      const deviceId = deviceIds[turn % deviceIds.length] as string;
      const verdict = await device.toggle({ deviceId, state: state === 'flip' ? state : state === 'on' });
      onVerdict(verdict);
      // Toggles that are dropped at once would leave no time for signals and sockets.
      if (verdict.attempts === 0) await setImmediate();
      if (started >= repeat || !(await mayContinue())) return;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, index) => worker(index)));
}
