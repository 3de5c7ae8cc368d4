/** Transports of an inventory: one for each address, however many rows have it. */
import type { CancelTimer } from '../clock';
import { createTransport } from '../device/create-transport';
import type { Toggles } from '../device/toggles';
import type { Addresses } from '../transport/connection-turns';
import { PersistentTransport } from '../transport/persistent/transport';
import type { PerToggleTransport } from '../transport/per-toggle';
import type { Connect, Endpoint } from '../transport/socket';
import { securityFrom, type TlsOptions } from '../transport/tls';
import type { Attempt, AttemptResult, Transport } from '../transport/transport';
import { addressKey } from './check-rows';
import type { InventoryDevice } from './columns';

export interface ConnectionsOptions {
  /** For the rows that speak TLS. */
  readonly tls?: TlsOptions;
  readonly connect?: Connect;
  readonly addresses?: Addresses;
}

export class Connections {
  /**
   * Those that were used, by kind and address: never two for one address, since an older command over the one could arrive
   * after a newer one over the other. One whose address has no row any more stays until the next change that finds it
   * without a connection.
   */
  private readonly shared = new Map<string, SharedTransport>();
  /** The first row of each kind and address. */
  private firstRows: ReadonlyMap<string, InventoryDevice> = new Map();
  private readonly security: () => Required<Pick<Endpoint, 'security'>>;

  /** Throws when certificate, key and passphrase of `tls` cannot be used together. */
  constructor(
    private readonly toggles: Pick<Toggles, 'clock' | 'random' | 'observer'>,
    private readonly options: ConnectionsOptions,
  ) {
    let made = options.tls && { security: securityFrom(options.tls) };
    // Without options it costs memory that an inventory without TLS can do without.
    this.security = () => (made ??= { security: securityFrom({}) });
  }

  /**
   * The transport of a row; attempts have the row's own deadlines, and its own reply policy if they share no replies. Looked
   * up at each attempt: the rows may have changed since the last one.
   */
  of(device: InventoryDevice): Pick<Transport, 'exchange' | 'onceAnswering'> {
    const { settings } = device;
    const key = keyOf(device);
    return {
      // Not with a spread: on Node.js 20 it takes 3 µs to add to what one has made.
      exchange: (attempt) => this.exchange(key, device, Object.assign({}, attempt, { settings })),
      ...(settings.connection === 'persistent' && {
        onceAnswering: (wake) => this.at(key, device).onceAnswering(wake),
      }),
    };
  }

  /**
   * The rows have changed. A persistent connection goes on with the settings of the first row of its address, and one
   * whose address has no row any more closes once what is in flight has ended.
   */
  update(devices: Iterable<InventoryDevice>): void {
    const firstRows = new Map<string, InventoryDevice>();
    for (const device of devices) {
      const key = keyOf(device);
      if (!firstRows.has(key)) firstRows.set(key, device);
    }
    this.firstRows = firstRows;
    for (const [key, shared] of this.shared) {
      const device = firstRows.get(key);
      if (device) shared.configure(this.endpoint(device));
      else if (shared.isUnused) this.remove(key, shared);
      else shared.closeUnused();
    }
  }

  closeIdle(): void {
    for (const { transport } of this.shared.values()) transport.closeIdle();
  }

  close(): void {
    for (const { transport } of this.shared.values()) transport.close();
  }

  private async exchange(key: string, device: InventoryDevice, attempt: Attempt): Promise<AttemptResult> {
    const shared = this.at(key, device);
    const result = await shared.exchange(attempt);
    if (!this.firstRows.has(key)) shared.closeUnused();
    return result;
  }

  private at(key: string, device: InventoryDevice): SharedTransport {
    const known = this.shared.get(key);
    if (known) return known;
    const endpoint = this.endpoint(this.firstRows.get(key) ?? device);
    const shared = new SharedTransport(createTransport(endpoint, this.toggles, this.options));
    this.shared.set(key, shared);
    return shared;
  }

  /** Unless it has a connection that has not ended: a row that comes back has to wait for that. */
  private remove(key: string, { transport }: SharedTransport): void {
    transport.close();
    if (!transport.hasConnections) this.shared.delete(key);
  }

  private endpoint({ settings, tls }: InventoryDevice): InventoryDevice['settings'] & Endpoint {
    return tls ? { ...settings, ...this.security() } : settings;
  }
}

/** A transport whose address may lose its rows while attempts of theirs are under way. */
class SharedTransport {
  /** Closed because its address had no row, and not used since. */
  isUnused = false;
  private running = 0;

  constructor(readonly transport: PersistentTransport | PerToggleTransport) {}

  async exchange(attempt: Attempt): Promise<AttemptResult> {
    this.isUnused = false;
    this.running += 1;
    const result = await this.transport.exchange(attempt);
    this.running -= 1;
    return result;
  }

  onceAnswering(wake: () => void): CancelTimer {
    const { transport } = this;
    return transport instanceof PersistentTransport ? transport.onceAnswering(wake) : () => undefined;
  }

  configure(settings: InventoryDevice['settings'] & Endpoint): void {
    this.isUnused = false;
    if (this.transport instanceof PersistentTransport) this.transport.configure(settings);
  }

  /** Does nothing while an attempt is under way. */
  closeUnused(): void {
    if (this.running > 0) return;
    this.isUnused = true;
    if (this.transport instanceof PersistentTransport) this.transport.closeUnused();
  }
}

function keyOf({ settings: { connection, host, port }, tls }: InventoryDevice): string {
  return `${connection} ${addressKey(host, port, tls)}`;
}
