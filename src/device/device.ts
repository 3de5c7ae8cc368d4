/** A device over TCP: its settings, lanes, transport, states and observers. */
import { systemClock, type Clock } from '../clock';
import type { StopReason } from '../outcomes';
import type { Transport } from '../transport/transport';
import { guardedConnect } from '../transport/guarded-connect';
import { connectSocket } from '../transport/node-socket';
import type { Connect } from '../transport/socket';
import { PersistentTransport } from '../transport/persistent/transport';
import { composeObservers, type Observer } from '../observer';
import type { Addresses } from '../transport/connection-turns';
import { PerToggleTransport } from '../transport/per-toggle';
import type { ToggleRequest } from '../protocol/toggle';
import type { Random } from '../retry';
import { securityFrom, type TlsOptions } from '../transport/tls';
import type { DeviceSettings } from '../settings/device';
import { guardedRandom } from './guarded-random';
import { KnownStates, type StateStore } from './known-states';
import { Lanes } from './lanes';
import { runToggle, type AttemptContext } from './attempts';
import { readCommand, type ToggleCommand, type ValidCommand } from './toggle-command';
import { droppedVerdict, type Dropped, type Verdict } from '../verdict';

export type { ToggleCommand } from './toggle-command';

/**
 * What a device depends on besides its settings. A function given here may throw, reject or return a wrong kind of value
 * without harm to a lane or the process, except those of `clock`.
 */
export interface DeviceOptions {
  readonly observers?: readonly Observer[];
  /** Receives what an observer failed with; such a failure never affects a toggle. Emits a warning by default. */
  readonly onObserverError?: (error: unknown) => void;
  /** Options for TLS; plain TCP if absent. */
  readonly tls?: TlsOptions;
  /** Stores the last confirmed states; if absent, they are lost with this object. */
  readonly stateStore?: StateStore;
  /** Receives what the state store failed with; such a failure never affects a toggle. Emits a warning by default. */
  readonly onStateStoreError?: (error: unknown) => void;
  /** Makes connections; sockets of node:net and node:tls by default. */
  readonly connect?: Connect;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Makes the id of a toggle that has none; must be unique, 1–64 printable ASCII characters. */
  readonly newMsgId?: () => string;
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
  private readonly lanes: Lanes;
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly observer: Required<Observer>;
  private readonly transport: Transport;
  private readonly states: KnownStates;
  private readonly onObserverError: (error: unknown) => void;
  private closed = false;

  /** Throws when certificate, key and passphrase of `tls` cannot be used together. */
  constructor(
    readonly settings: DeviceSettings,
    private readonly options: DeviceOptions = {},
  ) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ? guardedRandom(options.random) : Math.random;
    this.onObserverError = options.onObserverError ?? emitWarning;
    this.observer = composeObservers(options.observers ?? [], this.onObserverError);
    const connect = options.connect ? guardedConnect(options.connect) : connectSocket;
    const endpoint = { ...settings, ...(options.tls && { security: securityFrom(options.tls) }) };
    this.transport =
      options.transport ??
      (settings.connection === 'persistent'
        ? new PersistentTransport(endpoint, this.clock, this.random, this.observer, connect)
        : new PerToggleTransport(endpoint, this.clock, this.observer, connect, options.addresses));
    this.lanes = new Lanes(settings, this.clock, this.observer);
    this.states = new KnownStates(this.clock, {
      store: options.stateStore,
      onChange: (deviceId, state, isRestored) => this.observer.confirmedState(deviceId, state, isRestored),
      onError: options.onStateStoreError ?? emitWarning,
    });
  }

  /** The last confirmed state of a device id; undefined while unknown. */
  knownState(deviceId: string): boolean | undefined {
    return this.states.get(deviceId);
  }

  /** Switches the device, after the toggles that were requested before it for the same device id. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    const read = readCommand(command, { deviceId: this.settings.deviceId, newMsgId: this.options.newMsgId });
    const { deviceId, msgId } = read;
    if (this.closed) {
      const error = 'the device has been closed';
      return Promise.resolve(this.drop({ reason: 'closed', error, deviceId, msgId }));
    }
    if (!read.valid) {
      const { reason, error } = read;
      return Promise.resolve(this.drop({ reason, error, deviceId, msgId }));
    }
    return this.submit(read);
  }

  /**
   * The verdict on a toggle that cannot be attempted, reported to the observers like any other.
   * @internal
   */
  drop(dropped: Dropped): Verdict {
    const verdict = droppedVerdict(dropped);
    this.observer.verdict(verdict);
    return verdict;
  }

  /** Drops waiting toggles and aborts running ones, each with its verdict; with `requester`, only those of that one. */
  stop(reason: StopReason, requester?: string): void {
    this.lanes.stop(reason, requester);
  }

  /** Closes an idle persistent connection; the next toggle opens it again. */
  closeIdle(): void {
    this.transport.closeIdle();
  }

  /** Ends every toggle as `closed` and frees every socket. Later toggles are dropped, and closing again does nothing. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.lanes.close();
    this.transport.close();
    this.states.close();
  }

  private submit({ state, deviceId, msgId, requester, observer }: ValidCommand): Promise<Verdict> {
    const requestedAt = this.clock.now();
    const requested = () => (state === 'flip' ? this.states.opposite(deviceId) : state);
    const observers = observer ? composeObservers([this.observer, observer], this.onObserverError) : this.observer;
    const context = this.contextFor(observers);
    const stopped = (reason: StopReason, request: ToggleRequest) =>
      droppedVerdict({
        ...request,
        reason,
        error: 'stopped before its first attempt',
        elapsedMs: this.clock.now() - requestedAt,
      });
    return new Promise((resolve, reject) => {
      this.lanes.submit(deviceId, {
        msgId,
        requester,
        requestedAt,
        state: requested,
        run: async (signal) => {
          if (state === 'flip') await this.states.whenLoaded(signal);
          // A stop while the states load comes before the first attempt.
          const { reason } = signal;
          if (reason !== undefined) return stopped(reason, { deviceId, msgId, state: requested() });
          return runToggle(context, { deviceId, msgId, state: requested() }, requestedAt, signal);
        },
        resolve: (verdict) => {
          this.states.record(verdict);
          observers.verdict(verdict);
          resolve(verdict);
        },
        reject,
      });
    });
  }

  private contextFor(observer: AttemptContext['observer']): AttemptContext {
    const { clock, random, transport, settings } = this;
    return { policy: settings, transport, clock, random, observer };
  }
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
