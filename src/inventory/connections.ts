/** Transports of an inventory: one for each address, however many rows have it. */
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
  /** Those that were used, by kind and address. */
  private readonly shared = new Map<string, SharedTransport>();
  /** Those whose address has no row any more, until the next change; and again if a toggle that began before is tried again. */
  private readonly retired = new Set<SharedTransport>();
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

  /** The transport of a row; attempts have the row's own deadlines, and its own reply policy if they share no replies. */
  of(device: InventoryDevice): Pick<Transport, 'exchange' | 'onceAnswering'> {
    const { settings } = device;
    const key = keyOf(device);
    const shared = this.shared.get(key) ?? new SharedTransport(this.create(device));
    this.shared.set(key, shared);
    const { transport } = shared;
    return {
      exchange: (attempt) => {
        if (shared.isRetired) this.retired.add(shared);
        return shared.exchange({ ...attempt, settings });
      },
      ...(transport instanceof PersistentTransport && { onceAnswering: (wake) => transport.onceAnswering(wake) }),
    };
  }

  /**
   * The rows have changed. A persistent connection goes on with the settings of the first row of its address, and one
   * whose address has no row any more closes once what is in flight has ended.
   */
  update(devices: Iterable<InventoryDevice>): void {
    for (const retired of this.retired) {
      if (!retired.isIdle) continue;
      retired.transport.close();
      this.retired.delete(retired);
    }
    const unused = new Map(this.shared);
    for (const device of devices) {
      const key = keyOf(device);
      const { transport } = unused.get(key) ?? {};
      if (transport instanceof PersistentTransport) transport.configure(this.endpoint(device));
      unused.delete(key);
    }
    for (const [key, shared] of unused) {
      this.shared.delete(key);
      this.retired.add(shared);
      shared.retire();
    }
  }

  closeIdle(): void {
    for (const { transport } of this.shared.values()) transport.closeIdle();
  }

  close(): void {
    for (const { transport } of [...this.shared.values(), ...this.retired]) transport.close();
  }

  private create(device: InventoryDevice): PersistentTransport | PerToggleTransport {
    return createTransport(this.endpoint(device), this.toggles, this.options);
  }

  private endpoint({ settings, tls }: InventoryDevice): InventoryDevice['settings'] & Endpoint {
    return tls ? { ...settings, ...this.security() } : settings;
  }
}

/** A transport that may lose its rows while attempts of theirs are under way. */
class SharedTransport {
  isRetired = false;
  private running = 0;

  constructor(readonly transport: PersistentTransport | PerToggleTransport) {}

  get isIdle(): boolean {
    return this.running === 0;
  }

  async exchange(attempt: Attempt): Promise<AttemptResult> {
    this.running += 1;
    const result = await this.transport.exchange(attempt);
    this.running -= 1;
    if (this.isRetired && this.running === 0) this.transport.closeIdle();
    return result;
  }

  retire(): void {
    this.isRetired = true;
    if (this.running === 0) this.transport.closeIdle();
  }
}

function keyOf({ settings: { connection, host, port }, tls }: InventoryDevice): string {
  return `${connection} ${addressKey(host, port, tls)}`;
}
