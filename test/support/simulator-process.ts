/**
 * A simulated device in a process of its own, so that it is as quick as one on another machine. Options: JSON in argv.
 * Sends its port, and for each message the most memory that it had, in bytes.
 */
import { DeviceSimulator, type SimulatorOptions } from '../../src/simulator/device-simulator';

const SAMPLE_MS = 10;

let mostMemory = 0;
const sample = () => (mostMemory = Math.max(mostMemory, process.memoryUsage.rss()));
const sampling = setInterval(sample, SAMPLE_MS).unref();

const simulator = new DeviceSimulator(JSON.parse(process.argv[2] ?? '{}') as SimulatorOptions);
void simulator.start().then(({ port }) => process.send?.(port));
process.on('message', () => process.send?.(sample()));
process.once('disconnect', () => {
  clearInterval(sampling);
  void simulator.close();
});
