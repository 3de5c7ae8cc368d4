/** A simulated device in a process of its own, so that it is as quick as one on another machine. Options: JSON in argv. */
import { DeviceSimulator, type SimulatorOptions } from '../../src/simulator/device-simulator';

const simulator = new DeviceSimulator(JSON.parse(process.argv[2] ?? '{}') as SimulatorOptions);
void simulator.start().then(({ port }) => process.send?.(port));
process.once('disconnect', () => void simulator.close());
