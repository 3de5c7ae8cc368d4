/** What a simulator node plays: one device, or every address of an inventory. */
import { DeviceSimulator, type ReceivedPacket, type SimulatorOptions } from '../../src/simulator/device-simulator';
import type { Mode } from '../../src/settings/simulator';

export interface Simulated {
  readonly mode: Mode;
  /** Where it listens, in English, for the status. */
  readonly where: string;
  start(): Promise<void>;
  /** Rejects when it cannot listen, or when no row has the device id. */
  setMode(mode: Mode, deviceId?: string): Promise<void>;
  rejectNextConnection(): void;
  close(): Promise<void>;
}

export interface SimulatedEvents {
  packet(packet: ReceivedPacket): void;
  malformed(error: Error): void;
  error(error: Error): void;
}

/** One device, which serves every device id. */
export class SimulatedDevice implements Simulated {
  private readonly simulator: DeviceSimulator;

  constructor(options: SimulatorOptions, events: SimulatedEvents) {
    this.simulator = simulatorWith(options, events);
  }

  get mode(): Mode {
    return this.simulator.mode;
  }

  get where(): string {
    return `${this.simulator.host}:${this.simulator.port}`;
  }

  async start(): Promise<void> {
    await this.simulator.start();
  }

  setMode(mode: Mode): Promise<void> {
    return this.simulator.setMode(mode);
  }

  rejectNextConnection(): void {
    this.simulator.rejectNextConnection();
  }

  close(): Promise<void> {
    return this.simulator.close();
  }
}

/** A simulated device that is not started yet. */
export function simulatorWith(options: SimulatorOptions, events: SimulatedEvents): DeviceSimulator {
  return new DeviceSimulator(options)
    .on('packet', (packet) => events.packet(packet))
    .on('malformed', (error) => events.malformed(error))
    .on('error', (error) => events.error(error));
}
