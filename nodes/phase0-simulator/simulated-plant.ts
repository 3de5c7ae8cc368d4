/** The simulated devices of an inventory: one for each address, started and closed as the rows change. */
import { addressesOf, type InventoryAddress } from '../../src/inventory/addresses';
import type { InventoryDevice } from '../../src/inventory/columns';
import { printable } from '../../src/printable';
import { show } from '../../src/settings/show';
import { simulatorFields, type Mode } from '../../src/settings/simulator';
import type { DeviceSimulator, SimulatorOptions } from '../../src/simulator/device-simulator';
import { filled } from '../phrases';
import { simulatorWith, type Simulated, type SimulatedEvents } from './simulated';
import { STATUS_TEXTS } from './status-texts';

interface Played {
  readonly address: InventoryAddress;
  readonly simulator: DeviceSimulator;
  isListening: boolean;
}

export interface PlantDeps {
  /** The rows as they are now. */
  rows(): Iterable<InventoryDevice>;
  /** Those of the settings; host and port are those of the rows. */
  readonly options: SimulatorOptions;
  readonly events: SimulatedEvents;
  /** Addresses were opened or closed. */
  changed(): void;
}

export class SimulatedPlant implements Simulated {
  private readonly played = new Map<string, Played>();
  private currentMode: Mode;
  private turn: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(private readonly deps: PlantDeps) {
    this.currentMode = deps.options.mode ?? 'success';
  }

  get mode(): Mode {
    return this.currentMode;
  }

  get where(): string {
    const all = [...this.played.values()];
    const open = all.filter(({ isListening }) => isListening).length;
    return filled(STATUS_TEXTS.addresses, { open, total: all.length });
  }

  start(): Promise<void> {
    return this.update();
  }

  /** Opens the addresses that are new, and closes those that no row has any more; the others keep their connections. */
  update(): Promise<void> {
    const updated = this.turn.then(() => this.apply());
    this.turn = updated.catch(() => undefined);
    return updated;
  }

  async setMode(mode: Mode, deviceId?: string): Promise<void> {
    if (deviceId === undefined) this.currentMode = mode;
    const all = [...this.played.values()];
    const meant = all.filter(({ address }) => deviceId === undefined || address.deviceIds.includes(deviceId));
    if (deviceId !== undefined && meant.length === 0) throw new Error(`the inventory has no device ${show(deviceId)}`);
    await Promise.all(meant.map(({ simulator }) => simulator.setMode(mode)));
  }

  /** On any of its addresses, so on each. */
  rejectNextConnection(): void {
    for (const { simulator } of this.played.values()) simulator.rejectNextConnection();
  }

  async close(): Promise<void> {
    this.closed = true;
    await this.turn;
    await Promise.all([...this.played.values()].map(({ simulator }) => simulator.close()));
  }

  private async apply(): Promise<void> {
    if (this.closed) return;
    const wanted = new Map(addressesOf(this.deps.rows()).map((address) => [address.key, address]));
    const gone = [...this.played].filter(([key]) => !wanted.has(key));
    for (const [key] of gone) this.played.delete(key);
    await Promise.all(gone.map(([, { simulator }]) => simulator.close()));
    const started = [...wanted.values()].map((address) => this.play(address));
    const failures = (await Promise.all(started)).filter((failure) => failure !== undefined);
    this.deps.changed();
    const [first] = failures;
    if (first) throw new Error(`${failures.length} of ${wanted.size} addresses cannot be played: ${printable(first)}`);
  }

  /** Resolves to the reason why it cannot listen there, if so. */
  private async play(address: InventoryAddress): Promise<string | undefined> {
    const { options, events } = this.deps;
    const { key, host, port, tls, isFramed } = address;
    const { tls: certificates, ...plain } = options;
    if (tls && !certificates) return `${host}:${port} speaks TLS, and the simulator has no certificate`;
    const settings = {
      ...plain,
      host,
      port,
      mode: this.currentMode,
      ...(tls && certificates && { tls: certificates }),
    };
    const simulator = this.played.get(key)?.simulator ?? simulatorWith(settings, events);
    // What the rows expect may have changed; its connections and states stay.
    simulator.reply = isFramed ? 'framed' : (options.reply ?? simulatorFields.reply.default);
    const played: Played = { address, simulator, isListening: false };
    this.played.set(key, played);
    try {
      await simulator.start();
      played.isListening = true;
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}
