/** Settings that a seed draws, besides address, connection and reply. */
import type { DeviceSettings } from '../../src/settings/device';
import type { Draw } from './draw';

export function drawSettings(draw: Draw): Partial<DeviceSettings> {
  const isDefault = draw.chance(0.25);
  const timing = {
    connectTimeoutMs: draw.pick([20, 150, 1000, 2000]),
    ioTimeoutMs: draw.pick([20, 150, 1500, 3000]),
    maxAttempts: draw.whole(1, 5),
    backoffBaseMs: draw.pick([0, 1, 50, 250]),
    backoffMaxMs: draw.pick([0, 40, 300, 5000]),
    jitterMs: draw.pick([0, 1, 30, 100]),
  };
  return {
    ...(isDefault ? {} : timing),
    queueMode: draw.pick(['fifo', 'fifo', 'latest']),
    queueLimit: draw.pick([100, 100, 0, 1, 3]),
    queueTtlMs: draw.pick([0, 0, 30, 400, 3000]),
    breakerFailures: draw.pick([0, 0, 1, 2, 4]),
    breakerResetMs: draw.pick([10, 300, 10_000]),
  };
}
