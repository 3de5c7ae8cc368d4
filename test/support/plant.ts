/** A plant of simulated devices, each at a port of its own on loopback, with the rows of its inventory. */
import { DeviceSimulator } from '../../src/simulator/device-simulator';

export interface Plant {
  readonly simulators: readonly DeviceSimulator[];
  /** A row for each, which keeps its connection. */
  readonly rows: readonly PlantRow[];
  close(): Promise<void>;
}

export interface PlantRow {
  readonly device_id: string;
  readonly host: string;
  readonly port: number;
  readonly [column: string]: unknown;
}

export async function startPlant(count: number): Promise<Plant> {
  const simulators = Array.from({ length: count }, () => new DeviceSimulator({ port: 0, reply: 'framed' }));
  for (const simulator of simulators) await simulator.start();
  const rows = simulators.map(({ host, port }, index) => ({
    device_id: `lamp-${String(index + 1).padStart(4, '0')}`,
    host,
    port,
    connection: 'persistent',
    reply: 'framed',
  }));
  return {
    simulators,
    rows,
    async close() {
      await Promise.all(simulators.map((simulator) => simulator.close()));
    },
  };
}
