/** The public names of the library; whatever is not here may change at any time. */
export { systemClock, type CancelTimer, type Clock } from './clock';
export * from './device';
export * from './errors';
export { parseSettings, type Field, type Fields, type Parsed, type Settings } from './field';
export type { Exposition } from './observers/exposition';
export { Metrics, type Scrape } from './observers/metrics';
export * from './observers/metrics-server';
export { packetLog, type WriteLine } from './observers/packet-log';
export * from './packet-event';
export * from './protocol/frame';
export * from './protocol/toggle';
export * from './retry';
export type { TlsOptions } from './security';
export { deviceFields, type DeviceSettings } from './settings';
export { DeviceSimulator, type ReceivedPacket, type SimulatorOptions } from './simulator/device-simulator';
export type { Mode, SimulatorSettings } from './simulator/settings';
export type { Verdict } from './verdict';
