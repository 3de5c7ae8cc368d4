/** The public names of the library; whatever is not here may change at any time. */
export * from './clock';
export * from './device';
export * from './errors';
export { parseSettings, type Parsed } from './field';
export { Metrics } from './observers/metrics';
export { serveMetrics } from './observers/metrics-server';
export { packetLog } from './observers/packet-log';
export * from './packet-event';
export * from './protocol/frame';
export * from './protocol/toggle';
export * from './retry';
export type { TlsOptions } from './security';
export { deviceFields, type DeviceSettings } from './settings';
export { DeviceSimulator } from './simulator/device-simulator';
export type { Verdict } from './verdict';
