/** A device over TCP: its settings, its transport, and the toggles that it is asked for. */
import type { StopReason } from '../outcomes';
import type { Transport } from '../transport/transport';
import type { Connect } from '../transport/socket';
import type { Addresses } from '../transport/connection-turns';
import { securityFrom, type TlsOptions } from '../transport/tls';
import type { DeviceSettings } from '../settings/device';
import { Toggles, type Routes, type ToggleOptions } from './toggles';
import type { ToggleCommand } from './toggle-command';
import { createTransport } from './create-transport';
import type { Dropped, Verdict } from '../verdict';

export type { ToggleCommand } from './toggle-command';

/** What a device depends on besides its settings. */
export interface DeviceOptions extends ToggleOptions {
  /** Options for TLS; plain TCP if absent. */
  readonly tls?: TlsOptions;
  /** Makes connections; sockets of node:net and node:tls by default. */
  readonly connect?: Connect;
  /**
   * Replaces the transport that the settings choose, for tests.
   * @internal
   */
  readonly transport?: Transport;
  /**
   * What is known of addresses, instead of what all devices of the process share, for tests.
   * @internal
   */
  readonly addresses?: Addresses;
}

/** A device over TCP. Every toggle gets exactly one verdict; expected failure is a value, not an exception. */
export class Device {
  private readonly toggles: Toggles;
  private readonly route: OneRoute;

  /** Throws when certificate, key and passphrase of `tls` cannot be used together. */
  constructor(
    readonly settings: DeviceSettings,
    options: DeviceOptions = {},
  ) {
    this.route = new OneRoute(settings);
    this.toggles = new Toggles(this.route, options);
    const endpoint = options.tls ? { ...settings, security: securityFrom(options.tls) } : settings;
    this.route.transport = options.transport ?? createTransport(endpoint, this.toggles, options);
  }

  /** The last confirmed state of a device id; undefined while unknown. */
  knownState(deviceId: string): boolean | undefined {
    return this.toggles.states.get(deviceId);
  }

  /** Switches the device, after the toggles that were requested before it for the same device id. */
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

  /** Closes an idle persistent connection; the next toggle opens it again. */
  closeIdle(): void {
    this.route.transport.closeIdle();
  }

  /** Ends every toggle as `closed` and frees every socket. Later toggles are dropped, and closing again does nothing. */
  close(): void {
    this.toggles.close(() => this.route.transport.close());
  }
}

/** Every device id goes the same way. */
class OneRoute implements Routes {
  /** It needs to know the observer of the toggles, so it is made after them, and before the first of them. */
  transport!: Transport;

  constructor(private readonly settings: DeviceSettings) {}

  get deviceId(): string {
    return this.settings.deviceId;
  }

  refusal(): undefined {
    return undefined;
  }

  lane(): DeviceSettings {
    return this.settings;
  }

  attempts(): ReturnType<Routes['attempts']> {
    return { policy: this.settings, transport: this.transport };
  }
}
