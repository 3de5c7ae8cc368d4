/** A closed loop: each device id is switched again as soon as its last toggle has ended. Counts toggles, CPU and latency. */

/** Switches one device id; true if the device confirmed exactly that. */
export type SwitchDevice = (deviceId: string, state: boolean) => Promise<boolean>;

/** What one run of a loop took. */
export interface Figures {
  readonly toggles: number;
  /** Those that were not confirmed. */
  readonly failed: number;
  readonly perSecond: number;
  /** CPU time of the process, user and system, in µs for each toggle. */
  readonly cpuMicroseconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What a loop notes; `cpuMicroseconds` is that of the whole run. */
interface Run {
  readonly elapsedMs: readonly number[];
  readonly failed: number;
  readonly seconds: number;
  readonly cpuMicroseconds: number;
}

export async function runClosedLoop(
  switchDevice: SwitchDevice,
  deviceIds: readonly string[],
  forMs: number,
): Promise<Figures> {
  const elapsedMs: number[] = [];
  let failed = 0;
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  const endsAt = startedAt + forMs;
  const loop = async (deviceId: string) => {
    let at = performance.now();
    for (let state = true; at < endsAt; state = !state) {
      if (!(await switchDevice(deviceId, state))) failed += 1;
      const now = performance.now();
      elapsedMs.push(now - at);
      at = now;
    }
  };
  await Promise.all(deviceIds.map((deviceId) => loop(deviceId)));
  const seconds = (performance.now() - startedAt) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return figures({ elapsedMs, failed, seconds, cpuMicroseconds: user + system });
}

export function figures({ elapsedMs, failed, seconds, cpuMicroseconds }: Run): Figures {
  const toggles = elapsedMs.length;
  const sorted = Float64Array.from(elapsedMs).toSorted();
  return {
    toggles,
    failed,
    perSecond: toggles / seconds,
    cpuMicroseconds: cpuMicroseconds / toggles,
    p50Ms: percentile(sorted, 50),
    p99Ms: percentile(sorted, 99),
  };
}

/** Nearest rank. */
function percentile(sorted: ArrayLike<number>, p: number): number {
  return sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? NaN;
}

export function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `lamp-${index}`);
}
