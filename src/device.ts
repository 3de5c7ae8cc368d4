/** Owns a device: its settings, lanes, transport and observers; toggle() and close(). Does no I/O itself. */
import { systemClock, type Clock } from './clock';
import type { StopReason } from './errors';
import type { Transport } from './exchange';
import { problemWith, show } from './field';
import { KeptTransport } from './kept/transport';
import { Lane } from './lane';
import { guarded } from './observe';
import type { Observer } from './packet-event';
import { PerToggleTransport } from './per-toggle-transport';
import { newMsgId } from './protocol/toggle';
import type { Random } from './retry';
import { securityFrom, type TlsOptions } from './security';
import { deviceIdField, type DeviceSettings } from './settings';
import { runToggle, type Toggler } from './toggler';
import { droppedVerdict, type Dropped, type Verdict } from './verdict';

/** What is asked of a device. */
export interface ToggleCommand {
  /** The state wanted, true = on; a function is asked when the toggle's turn comes. */
  readonly state: boolean | (() => boolean);
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
  readonly clock?: Clock;
  readonly random?: Random;
}

/** A device over TCP. Every toggle gets exactly one verdict; expected failure is a value, never a throw. */
export class Device {
  private readonly lanes = new Map<string, Lane>();
  private readonly clock: Clock;
  private readonly random: Random;
  private readonly observer: Required<Observer>;
  private readonly transport: Transport;
  private closed = false;

  /** Throws when certificate, key and passphrase of `tls` cannot be used together. */
  constructor(
    readonly settings: DeviceSettings,
    private readonly options: DeviceOptions = {},
  ) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ?? Math.random;
    this.observer = guarded(options.observers ?? [], options.onObserverError);
    const way = { ...settings, ...(options.tls && { security: securityFrom(options.tls) }) };
    this.transport =
      settings.connection === 'persistent'
        ? new KeptTransport(way, this.clock, this.random, this.observer)
        : new PerToggleTransport(way, this.clock, this.observer);
  }

  /** Switches the device, after those asked before it for the same device id. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    // An id that is there but undefined is a mistake to report, not a wish for the default.
    const deviceId = 'deviceId' in command ? command.deviceId : this.settings.deviceId;
    const msgId = 'msgId' in command ? command.msgId : newMsgId();
    const refused = this.refusal(command, deviceId, msgId);
    if (refused) return Promise.resolve(this.drop({ ...refused, deviceId: String(deviceId), msgId: String(msgId) }));

    const lane = this.laneFor(deviceId);
    const askedAt = this.clock.now();
    const { requester } = command;
    const state = typeof command.state === 'boolean' ? () => command.state as boolean : command.state;
    const toggler = this.togglerFor(command);
    return new Promise((resolve, reject) => {
      lane.submit({
        msgId,
        requester,
        askedAt,
        state,
        run: (signal) => runToggle(toggler, { deviceId, msgId, state: state() }, askedAt, signal),
        settle: (verdict) => {
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
  rest(): void {
    this.transport.rest();
  }

  /** Settles everything as `closed` and frees every socket; a toggle after it is dropped. Calling it twice is fine. */
  close(): void {
    this.closed = true;
    this.stop('closed');
    for (const [deviceId, { circuit }] of this.lanes) {
      if (circuit !== 'closed') this.observer.circuitState(deviceId, 'closed');
    }
    this.transport.close();
  }

  private refusal(
    { state }: ToggleCommand,
    deviceId: string,
    msgId: string,
  ): Pick<Dropped, 'reason' | 'error'> | undefined {
    if (this.closed) return { reason: 'closed', error: 'the device was closed before' };
    if (typeof state !== 'boolean' && typeof state !== 'function') {
      return { reason: 'invalid_state', error: `state must be true or false, not ${show(state)}` };
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

  private togglerFor({ observer }: ToggleCommand): Toggler {
    const { clock, random, transport, settings } = this;
    const all = observer ? guarded([this.observer, observer], this.options.onObserverError) : this.observer;
    return { policy: settings, transport, clock, random, observer: all };
  }
}

function problemWithMsgId(msgId: unknown): string | undefined {
  if (typeof msgId === 'string' && /^[\x20-\x7e]{1,64}$/.test(msgId)) return undefined;
  return `msgId must be 1 to 64 printable ASCII characters, not ${show(msgId)}`;
}
