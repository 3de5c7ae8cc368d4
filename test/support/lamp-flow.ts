/** The flow that most editor tests begin with: a toggle with its device, a simulator and a metrics node. */
export const TAB = 'f000000000000009';
export const DEVICE = 'd000000000000009';
export const TOGGLE = 'b000000000000009';
export const SIMULATOR = 'e000000000000009';
export const METRICS = 'c000000000000009';

/** A toggle of the lamp that answers on `port`. */
export function lampFlow(port: number, more: readonly object[] = []): object[] {
  return [
    { id: TAB, type: 'tab', label: 'Lamp' },
    { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-1', host: '127.0.0.1', port: String(port) },
    { id: TOGGLE, type: 'phase0-toggle', z: TAB, x: 240, y: 100, device: DEVICE, wires: [[], [], []] },
    { id: SIMULATOR, type: 'phase0-simulator', z: TAB, x: 240, y: 200, port: '0', wires: [[]] },
    { id: METRICS, type: 'phase0-metrics', z: TAB, x: 240, y: 280, listen: false, wires: [[]] },
    ...more,
  ];
}
