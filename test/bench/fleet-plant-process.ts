/** A process of its own: simulated devices that answer after a time. Arguments: how many, the time in ms. Sends their ports. */
import { DeviceSimulator } from '../../src/simulator/device-simulator';

const [count, delayMs] = process.argv.slice(2).map(Number);
const devices = Array.from(
  { length: count ?? 0 },
  () => new DeviceSimulator({ port: 0, reply: 'framed', mode: 'delay', ...(delayMs !== undefined && { delayMs }) }),
);

// The parent process has ended.
process.on('disconnect', () => process.exit());
void Promise.all(devices.map((device) => device.start())).then(() => process.send?.(devices.map(({ port }) => port)));
