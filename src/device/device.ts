/** Owns a device: its settings, lanes, transport and observers; toggle() and close(). Does no I/O itself. */
import { systemClock, type Clock } from '../clock';
import type { StopReason } from '../outcomes';
import type { Transport } from '../transport/transport';
import { problemWith, show } from '../settings/field';
import { KeptTransport } from '../transport/persistent/transport';
import { Lane } from './lane';
import { composeObservers, type Observer } from '../observer';
import { PerToggleTransport } from '../transport/per-toggle';
import { newMsgId } from '../protocol/toggle';
import type { Random } from '../retry';
import { securityFrom, type TlsOptions } from '../transport/tls';
import { deviceIdField, type DeviceSettings } from '../settings/device';
import { KnownStates, type StateStore } from './known-states';
import { runToggle, type AttemptContext } from './attempts';
import { droppedVerdict, type Dropped, type Verdict } from '../verdict';

/** What is asked of a device. */
export interface ToggleCommand {
  /**
   * The state wanted, true = on. `flip` = the opposite of the last confirmed state of the device id, decided when the
   * toggle's turn comes; on while that state is unknown.
   */
  readonly state: boolean | 'flip';
  /** Another id than the settings', behind the same host and port; 1–128 characters. */
  readonly deviceId?: string;
  /** An id of the caller's own, 1–64 printable ASCII characters; else a fresh one. */
  readonly msgId?: string;
  /** Who asks: `stop()` can be limited to it. */
  readonly requester?: string;
  /** Hears of this toggle's attempts, and of its verdict before the next toggle's turn comes. */
  readonly observer?: Pick<Observer, 'attemptStarted' | 'attemptEnded' | 'verdict'>;
}

/** What a device works with besides its settings; tests bring their own. */
export interface DeviceOptions {
  readonly observers?: readonly Observer[];
  /** Hears of an observer that threw: a bug, which never reaches a toggle. */
  readonly onObserverError?: (error: unknown) => void;
  /** Speaks TLS with these options; absent = plain TCP. */
  readonly tls?: TlsOptions;
  /** Where the last confirmed states outlive this object; absent = they are kept in memory only. */
  readonly stateStore?: StateStore;
  /** Receives what a state store failed with; such a failure never affects a toggle. */
  readonly onStateStoreError?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Makes the id of a toggle that brings none; must be unique. */
  readonly newMsgId?: () => string;
}

/** A device over TCP. Every toggle gets exactly one verdict; expected failure is a value, never a throw. */
export class Device {
  private readonly lanes = new Map<string, Lane>();
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
    this.random = options.random ?? Math.random;
    this.onObserverError = options.onObserverError ?? emitWarning;
    this.observer = composeObservers(options.observers ?? [], this.onObserverError);
    const way = { ...settings, ...(options.tls && { security: securityFrom(options.tls) }) };
    this.transport =
      settings.connection === 'persistent'
        ? new KeptTransport(way, this.clock, this.random, this.observer)
        : new PerToggleTransport(way, this.clock, this.observer);
    this.states = new KnownStates(this.clock, {
      store: options.stateStore,
      onChange: (deviceId, state) => this.observer.confirmedState(deviceId, state),
      onError: options.onStateStoreError ?? emitWarning,
    });
  }

  /** The last confirmed state of a device id; undefined while unknown. */
  knownState(deviceId: string): boolean | undefined {
    return this.states.get(deviceId);
  }

  /** Switches the device, after those asked before it for the same device id. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    // An id that is there but undefined is a mistake to report, not a wish for the default.
    const deviceId = 'deviceId' in command ? command.deviceId : this.settings.deviceId;
    const msgId = 'msgId' in command ? command.msgId : (this.options.newMsgId ?? newMsgId)();
    const refused = this.refusal(command, deviceId, msgId);
    if (refused) return Promise.resolve(this.drop({ ...refused, deviceId: String(deviceId), msgId: String(msgId) }));

    const lane = this.laneFor(deviceId);
    const askedAt = this.clock.now();
    const { requester } = command;
    const wanted = () => (command.state === 'flip' ? this.states.opposite(deviceId) : command.state);
    const toggler = this.togglerFor(command);
    return new Promise((resolve, reject) => {
      lane.submit({
        msgId,
        requester,
        askedAt,
        state: wanted,
        run: async (signal) => {
          if (command.state === 'flip') await this.states.loaded;
          return runToggle(toggler, { deviceId, msgId, state: wanted() }, askedAt, signal);
        },
        settle: (verdict) => {
          this.states.record(verdict);
          toggler.observer.verdict?.(verdict);
          if (lane.spent) this.lanes.delete(deviceId);
          resolve(verdict);
        },
        fail: reject,
      });
    });
  }

  /**
   * The verdict on something that cannot be tried, told to the observers like every other.
   * @internal
   */
  drop(dropped: Dropped): Verdict {
    const verdict = droppedVerdict(dropped);
    this.observer.verdict(verdict);
    return verdict;
  }

  /** Drops what waits and aborts what runs, each with its verdict; with `requester`, only what that one asked for. */
  stop(reason: StopReason, requester?: string): void {
    for (const lane of this.lanes.values()) lane.stop(reason, requester);
  }

  /** Closes a connection that is kept while nobody needs it; the next toggle opens it again. */
  closeIdle(): void {
    this.transport.closeIdle();
  }

  /** Settles everything as `closed` and frees every socket; a toggle after it is dropped. Calling it twice is fine. */
  close(): void {
    this.closed = true;
    this.stop('closed');
    for (const [deviceId, { circuit }] of this.lanes) {
      if (circuit !== 'closed') this.observer.circuitState(deviceId, 'closed');
    }
    this.transport.close();
    this.states.close();
  }

  private refusal(
    { state }: ToggleCommand,
    deviceId: string,
    msgId: string,
  ): Pick<Dropped, 'reason' | 'error'> | undefined {
    if (this.closed) return { reason: 'closed', error: 'the device was closed before' };
    if (typeof state !== 'boolean' && state !== 'flip') {
      return { reason: 'invalid_state', error: `state must be true, false or 'flip', not ${show(state)}` };
    }
    const error = problemWith('deviceId', deviceIdField, deviceId) ?? problemWithMsgId(msgId);
    return error === undefined ? undefined : { reason: 'invalid_settings', error };
  }

  private laneFor(deviceId: string): Lane {
    const known = this.lanes.get(deviceId);
    if (known) return known;
    const lane = new Lane(deviceId, this.settings, this.clock, {
      depth: (waiting) => this.observer.queueDepth(deviceId, waiting),
      circuit: (state) => this.observer.circuitState(deviceId, state),
    });
    this.lanes.set(deviceId, lane);
    if (this.settings.breakerFailures > 0) this.observer.circuitState(deviceId, 'closed');
    return lane;
  }

  private togglerFor({ observer }: ToggleCommand): AttemptContext {
    const { clock, random, transport, settings } = this;
    const all = observer ? composeObservers([this.observer, observer], this.onObserverError) : this.observer;
    return { policy: settings, transport, clock, random, observer: all };
  }
}

function problemWithMsgId(msgId: unknown): string | undefined {
  if (typeof msgId === 'string' && /^[\x20-\x7e]{1,64}$/.test(msgId)) return undefined;
  return `msgId must be 1 to 64 printable ASCII characters, not ${show(msgId)}`;
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
