/** A simulated device: obeys, and misbehaves as its kind says. It keeps the record that verdicts are judged by. */
import { seededRandom } from '../../src/simulator/seeded-random';
import type { Journal } from './journal';
import type { WireToggle } from './wire-reference';
import { DeviceConnection, type Line } from './device-connection';
import { Draw } from './draw';
import type { DeviceKind } from './world';
import type { VirtualTime } from './virtual-time';

/** What a device did with a command that arrived whole. */
export type Deed = 'applied' | 'refused' | 'repeated' | 'ignored' | 'foreign';

export interface Arrival extends WireToggle {
  readonly deed: Deed;
}

/** What a device said to a command. */
export type Said = 'ack' | 'nack' | 'raw' | 'noise';

/** Who hears what devices do. */
export interface DeviceWatcher {
  arrived(arrival: Arrival): void;
  said(toggle: WireToggle, said: Said): void;
  /** It greeted, which is no reply. */
  greeted(): void;
}

export interface DeviceDeps {
  readonly name: string;
  readonly kind: DeviceKind;
  readonly seed: number;
  readonly time: VirtualTime;
  readonly journal: Journal;
  readonly deviceIds: ReadonlySet<string>;
  readonly watcher: DeviceWatcher;
}

export class SimDevice {
  /** The state of each lamp behind this device. */
  readonly states = new Map<string, boolean>();
  readonly connections = new Set<DeviceConnection>();
  /** Stops to misbehave. */
  isWell = false;
  readonly draw: Draw;
  private readonly answers = new Map<string, 'ack' | 'nack'>();
  private downUntilMs = 0;
  private isSilent = false;

  constructor(readonly deps: DeviceDeps) {
    this.draw = new Draw(seededRandom(deps.seed));
  }

  answersConnect(): 'accepts' | 'refuses' | 'silent' {
    if (this.deps.time.nowMs < this.downUntilMs) return this.isSilent ? 'silent' : 'refuses';
    return this.deps.kind.takesOne && this.connections.size > 0 ? 'refuses' : 'accepts';
  }

  accept(line: Line): DeviceConnection {
    const connection = new DeviceConnection(this, line);
    this.connections.add(connection);
    return connection;
  }

  reboot(downMs: number, isSilent: boolean): void {
    this.deps.journal.note(this.deps.name, 'reboots', downMs, isSilent ? 'silent' : 'refusing');
    this.downUntilMs = this.deps.time.nowMs + downMs;
    this.isSilent = isSilent;
    if (this.deps.kind.memory !== 'remembers') this.answers.clear();
    for (const connection of this.connections) connection.lose(isSilent);
  }

  happens(chance: number): boolean {
    return this.draw.chance(chance) && !this.isWell;
  }

  /** What it answers, if it does; `undefined` if it ignores the command. */
  obey(toggle: WireToggle): 'ack' | 'nack' | undefined {
    const { deviceIds, kind } = this.deps;
    const key = `${toggle.deviceId} ${toggle.msgId}`;
    const earlier = this.answers.get(key);
    const isIgnored = this.happens(kind.chances.ignore);
    const isRefused = this.happens(kind.chances.nack);
    if (!deviceIds.has(toggle.deviceId)) return this.did(toggle, 'foreign', undefined);
    if (isIgnored) return this.did(toggle, 'ignored', undefined);
    if (earlier !== undefined) return this.did(toggle, 'repeated', earlier);
    const answer = isRefused ? 'nack' : 'ack';
    if (kind.memory !== 'forgets') this.answers.set(key, answer);
    if (!isRefused) this.states.set(toggle.deviceId, toggle.state);
    return this.did(toggle, isRefused ? 'refused' : 'applied', answer);
  }

  private did(toggle: WireToggle, deed: Deed, answer: 'ack' | 'nack' | undefined): 'ack' | 'nack' | undefined {
    const { journal, name, watcher } = this.deps;
    journal.note(name, deed, toggle.deviceId, toggle.msgId, toggle.state);
    watcher.arrived({ deviceId: toggle.deviceId, msgId: toggle.msgId, state: toggle.state, deed });
    return answer;
  }
}
