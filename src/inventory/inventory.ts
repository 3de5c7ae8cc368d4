/** An inventory: many devices with addresses of their own, from a table that can change while they are switched. */
import type { StopReason } from '../outcomes';
import { Toggles, type ToggleOptions } from '../device/toggles';
import type { ToggleCommand } from '../device/toggle-command';
import { nearest } from '../nearest';
import { printable } from '../printable';
import { show } from '../settings/show';
import type { Addresses } from '../transport/connection-turns';
import type { Connect } from '../transport/socket';
import type { TlsOptions } from '../transport/tls';
import type { Dropped, Verdict } from '../verdict';
import type { InventoryDevice } from './columns';
import { Connections } from './connections';
import { faultText, type InventoryReading } from './faults';

/** What an inventory depends on besides its rows. */
export interface InventoryOptions extends ToggleOptions {
  /** Options for the rows that speak TLS; certificates are verified by those of Node.js if absent. */
  readonly tls?: TlsOptions;
  /** Makes connections; sockets of node:net and node:tls by default. */
  readonly connect?: Connect;
  /**
   * What is known of addresses, instead of what all devices of the process share, for tests.
   * @internal
   */
  readonly addresses?: Addresses;
}

/** What a reload changed, as device ids. */
export interface InventoryChange {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  readonly unchanged: number;
}

/** Close names that an error suggests. */
const SUGGESTIONS = 3;

/**
 * Devices by id, with the face of a single {@link Device}: every toggle gets exactly one verdict, also one for an id that
 * no row has. Without rows so far, every toggle is dropped.
 */
export class Inventory {
  private rows: ReadonlyMap<string, InventoryDevice> = new Map();
  private byTag: ReadonlyMap<string, readonly string[]> = new Map();
  private whyUnusable: string | undefined = 'no inventory has been loaded';
  /** Rows whose settings changed, and rows that are gone: a load within an observer's call does what that before it left. */
  private readonly changed = new Set<string>();
  private readonly removed = new Set<string>();
  private readonly toggles: Toggles;
  private readonly connections: Connections;

  /** Throws when certificate, key and passphrase of `tls` cannot be used together. */
  constructor(options: InventoryOptions = {}) {
    const routes = {
      deviceId: '',
      refusal: (deviceId: string) => this.refusal(deviceId),
      lane: (deviceId: string) => this.row(deviceId).settings,
      attempts: (deviceId: string) => {
        const row = this.row(deviceId);
        return { policy: row.settings, transport: this.connections.of(row) };
      },
    };
    this.toggles = new Toggles(routes, options);
    this.connections = new Connections(this.toggles, options);
  }

  /** Why no toggle can be tried yet: nothing was loaded so far, or its first fault. Undefined once rows are in use. */
  get problem(): string | undefined {
    return this.whyUnusable;
  }

  /** Every device id, in the order of the rows. */
  get deviceIds(): readonly string[] {
    return [...this.rows.keys()];
  }

  /** Every row. */
  devices(): Iterable<InventoryDevice> {
    return this.rows.values();
  }

  /** The row of a device id. */
  device(deviceId: string): InventoryDevice | undefined {
    return this.rows.get(deviceId);
  }

  /** The device ids with this tag, in the order of the rows; empty if no row has it. */
  withTag(tag: string): readonly string[] {
    return this.byTag.get(tag) ?? [];
  }

  /**
   * Takes what was read, at once. A row that stays as it is keeps its connection, lane, queue, circuit and state. A changed
   * row has its new settings from the next toggle on: the running one ends under the old ones, and what waits stays, in
   * order. The toggles of a removed row end as `device_removed`. A reading with faults changes nothing: the inventory
   * goes on with the rows that it has, and the result is undefined.
   */
  load(reading: InventoryReading): InventoryChange | undefined {
    if (!reading.ok) {
      const [first] = reading.faults;
      if (this.whyUnusable !== undefined && first) this.whyUnusable = `the inventory is not valid: ${faultText(first)}`;
      return undefined;
    }
    const before = this.rows;
    const rows = new Map(reading.devices.map((device) => [device.settings.deviceId, device]));
    const kept = [...rows].filter(([deviceId]) => before.has(deviceId));
    const changed = kept.filter(([deviceId, row]) => !isSame(row, before.get(deviceId))).map(([deviceId]) => deviceId);
    const added = [...rows.keys()].filter((deviceId) => !before.has(deviceId));
    const removed = [...before.keys()].filter((deviceId) => !rows.has(deviceId));
    // Before the first verdict: whoever gets it may ask for a toggle at once.
    this.rows = rows;
    this.byTag = tagIndex(rows);
    this.whyUnusable = undefined;
    // A row may come back while the last toggle of its former self is still ending.
    for (const deviceId of [...changed, ...added]) this.changed.add(deviceId);
    for (const deviceId of removed) this.removed.add(deviceId);
    this.finishChanges();
    this.connections.update(this.rows.values());
    return { added, changed, removed, unchanged: kept.length - changed.length };
  }

  /** Removes after every lane has its new settings: what is asked for within a verdict runs under these. */
  private finishChanges(): void {
    for (const deviceId of this.changed) {
      this.changed.delete(deviceId);
      // A load within a verdict may bring back a row whose former toggles have yet to end.
      if (this.removed.delete(deviceId)) this.toggles.remove(deviceId);
      if (this.rows.has(deviceId)) this.toggles.reconfigure(deviceId);
    }
    for (const deviceId of this.removed) {
      this.removed.delete(deviceId);
      this.toggles.remove(deviceId);
    }
  }

  /** The last confirmed state of a device id; undefined while unknown. */
  knownState(deviceId: string): boolean | undefined {
    return this.toggles.states.get(deviceId);
  }

  /** Switches the device with the id of the command, after the toggles that were requested before it for that id. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    return this.toggles.toggle(command);
  }

  /**
   * The verdict on a toggle that cannot be attempted, reported to the observers like any other.
   * @internal
   */
  drop(dropped: Dropped): Verdict {
    return this.toggles.drop(dropped);
  }

  /** Drops waiting toggles and aborts running ones, each with its verdict; with `requester`, only those of that one. */
  stop(reason: StopReason, requester?: string): void {
    this.toggles.stop(reason, requester);
  }

  /** Closes idle persistent connections; the next toggle opens its own again. */
  closeIdle(): void {
    this.connections.closeIdle();
  }

  /**
   * Stores the last confirmed states that have not been stored yet, as `close` does.
   * @internal
   */
  storeStates(): void {
    this.toggles.states.flush();
  }

  /** Ends every toggle as `closed` and frees every socket. Later toggles are dropped, and closing again does nothing. */
  close(): void {
    this.toggles.close(() => this.connections.close());
  }

  private refusal(deviceId: string): Pick<Dropped, 'reason' | 'error'> | undefined {
    if (this.problem !== undefined) return { reason: 'invalid_settings', error: this.problem };
    if (this.rows.has(deviceId)) return undefined;
    const tags = [...this.byTag.keys()].map((tag) => `#${tag}`);
    const names = deviceId.startsWith('#') ? [...tags, ...this.rows.keys()] : this.rows.keys();
    const close = nearest(deviceId, names, SUGGESTIONS).map(printable).join(', ');
    const suggestion = close === '' ? '' : `; close to it: ${close}`;
    return { reason: 'unknown_device', error: `the inventory has no device ${show(deviceId)}${suggestion}` };
  }

  /** Only for an id that is not refused. */
  private row(deviceId: string): InventoryDevice {
    const row = this.rows.get(deviceId);
    if (!row) throw new Error(`the inventory has no device ${show(deviceId)}`);
    return row;
  }
}

function tagIndex(rows: ReadonlyMap<string, InventoryDevice>): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  for (const [deviceId, { tags }] of rows) {
    for (const tag of tags) {
      const ids = index.get(tag);
      if (ids) ids.push(deviceId);
      else index.set(tag, [deviceId]);
    }
  }
  return index;
}

/** Whether toggles go the same way; tags only name devices. */
function isSame(a: InventoryDevice, b: InventoryDevice | undefined): boolean {
  if (!b || a.tls !== b.tls) return false;
  const names = Object.keys(a.settings) as (keyof InventoryDevice['settings'])[];
  return names.every((name) => a.settings[name] === b.settings[name]);
}
