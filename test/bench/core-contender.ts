/**
 * A process of its own: one contender outside Node-RED. Its argument is a {@link CoreContender} in JSON. Sends `ready`,
 * and in reply to a {@link LoopRequest} the figures of a run.
 */
import { Device } from '../../src/device/device';
import { Metrics } from '../../src/observers/metrics';
import { deviceFields } from '../../src/settings/device';
import { parseSettings } from '../../src/settings/field';
import { connectionPerToggle, oneConnection } from './bare-loop';
import { idsOf, runClosedLoop, type SwitchDevice } from './closed-loop';

/** How toggles are done outside Node-RED. */
export interface CoreContender {
  readonly who: 'bare' | 'device' | 'device with metrics';
  readonly connection: 'per-toggle' | 'persistent';
  readonly port: number;
}

export interface LoopRequest {
  readonly ids: number;
  readonly forMs: number;
}

function deviceOf({ who, connection, port }: CoreContender): SwitchDevice {
  const parsed = parseSettings(deviceFields, { deviceId: 'lamp-0', host: '127.0.0.1', port, connection });
  if (!parsed.ok) throw new Error(parsed.problems.join('; '));
  const observers = who === 'device with metrics' ? [new Metrics().observer('bench')] : [];
  const device = new Device(parsed.settings, { observers });
  return async (deviceId, state) => (await device.toggle({ deviceId, state })).outcome === 'confirmed';
}

function switchOf(contender: CoreContender): SwitchDevice {
  if (contender.who !== 'bare') return deviceOf(contender);
  return contender.connection === 'persistent' ? oneConnection(contender.port) : connectionPerToggle(contender.port);
}

const switchDevice = switchOf(JSON.parse(process.argv[2] ?? '{}') as CoreContender);
process.on('message', ({ ids, forMs }: LoopRequest) => {
  void runClosedLoop(switchDevice, idsOf(ids), forMs).then((figures) => process.send?.(figures));
});
// The parent process has ended.
process.on('disconnect', () => process.exit());
process.send?.('ready');
