/** The way of a toggle from its command to its verdict: the same for a device and for each row of an inventory. */
import { systemClock, type Clock } from '../clock';
import type { StopReason } from '../outcomes';
import { composeObservers, type ComposedObserver } from '../composed-observer';
import type { Observer } from '../observer';
import type { Random } from '../retry';
import type { StopSignal } from '../stop-signal';
import { droppedVerdict, type Dropped, type Verdict } from '../verdict';
import { runToggle, type AttemptContext } from './attempts';
import { guardedRandom } from './guarded-random';
import { KnownStates, type StateStore } from './known-states';
import type { LaneSettings } from './lane';
import { Lanes } from './lanes';
import { reportDropped } from './report-dropped';
import { readCommand, type InvalidCommand, type ToggleCommand, type ValidCommand } from './toggle-command';

/**
 * What toggles depend on besides their settings. A function given here may throw, reject or return a wrong kind of value
 * without harm to a lane or the process, except those of `clock`.
 */
export interface ToggleOptions {
  readonly observers?: readonly Observer[];
  /** Receives what an observer failed with; such a failure never affects a toggle. Emits a warning by default. */
  readonly onObserverError?: (error: unknown) => void;
  /** Stores the last confirmed states; if absent, they are lost with this object. */
  readonly stateStore?: StateStore;
  /** Receives what the state store failed with; such a failure never affects a toggle. Emits a warning by default. */
  readonly onStateStoreError?: (error: unknown) => void;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Makes the id of a toggle that has none; must be unique, 1–64 printable ASCII characters. */
  readonly newMsgId?: () => string;
}

/** Why a toggle cannot be tried. */
type Refusal = Pick<Dropped, 'reason' | 'error'>;

const CLOSED: Refusal = { reason: 'closed', error: 'the device has been closed' };

/** Where the toggles of a device id go; looked up when they come, and again when their turn comes. */
export interface Routes {
  /** The device id of commands that name none. */
  readonly deviceId: string;
  /** Why a toggle for this device id cannot be tried, if so. */
  refusal(deviceId: string): Refusal | undefined;
  lane(deviceId: string): LaneSettings;
  /** The policy and the transport of its attempts. */
  attempts(deviceId: string): Pick<AttemptContext, 'policy' | 'transport'>;
}

/** Every toggle gets exactly one verdict; expected failure is a value, not an exception. */
export class Toggles {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: ComposedObserver;
  readonly states: KnownStates;
  private readonly lanes: Lanes;
  private readonly onObserverError: (error: unknown) => void;
  private readonly newMsgId: ToggleOptions['newMsgId'];
  private closed = false;

  constructor(
    private readonly routes: Routes,
    options: ToggleOptions,
  ) {
    this.clock = options.clock ?? systemClock;
    this.random = options.random ? guardedRandom(options.random) : Math.random;
    this.onObserverError = options.onObserverError ?? emitWarning;
    this.observer = composeObservers(options.observers ?? [], this.onObserverError);
    this.newMsgId = options.newMsgId;
    this.lanes = new Lanes(routes, this.clock, this.observer);
    const { onStateStoreError = emitWarning, stateStore } = options;
    this.states = new KnownStates(this.clock, this.observer, onStateStoreError, stateStore);
  }

  /** Switches a device id, after the toggles that were requested before it for the same one. */
  toggle(command: ToggleCommand): Promise<Verdict> {
    const read = readCommand(command, { deviceId: this.routes.deviceId, newMsgId: this.newMsgId });
    const { deviceId, msgId, requester, requestId } = read;
    // First: an observer may close the device then, or load an inventory without this device id.
    this.observer.asked?.({ deviceId, msgId, requester, requestId });
    if (!read.valid) return Promise.resolve(this.refused(read, this.closed ? CLOSED : read));
    const refusal = this.refusal(deviceId);
    return refusal ? Promise.resolve(this.refused(read, refusal)) : this.submit(read);
  }

  /** The verdict on a toggle that cannot be attempted, reported to the observers like any other. */
  drop(dropped: Dropped): Verdict {
    return reportDropped([this.observer], dropped);
  }

  /** Drops waiting toggles and aborts running ones, each with its verdict; with `requester`, only those of that one. */
  stop(reason: StopReason, requester?: string): void {
    this.lanes.stop(reason, requester);
  }

  /** The settings of `deviceId` changed: the running toggle ends under the old ones. */
  reconfigure(deviceId: string): void {
    this.lanes.reconfigure(deviceId);
  }

  /** Ends the toggles of `deviceId` as `device_removed`, and forgets it. */
  remove(deviceId: string): void {
    this.lanes.remove(deviceId, 'device_removed');
    this.states.forget(deviceId);
  }

  /** Ends every toggle as `closed`, after which `closeTransports` frees the sockets; closing again does nothing. */
  close(closeTransports: () => void): void {
    if (this.closed) return;
    this.closed = true;
    this.lanes.close();
    closeTransports();
    this.states.close();
  }

  /** Why nothing can be tried for this device id, if so. */
  private refusal(deviceId: string): Refusal | undefined {
    return this.closed ? CLOSED : this.routes.refusal(deviceId);
  }

  private refused({ deviceId, msgId, state }: ValidCommand | InvalidCommand, { reason, error }: Refusal): Verdict {
    const asked = typeof state === 'boolean' ? { state } : {};
    const verdict = droppedVerdict({ reason, error, deviceId, msgId, ...asked });
    this.observer.verdict(verdict);
    return verdict;
  }

  private submit({ state, deviceId, msgId, requester, observer }: ValidCommand): Promise<Verdict> {
    const requestedAt = this.clock.now();
    const requested = () => (state === 'flip' ? this.states.opposite(deviceId) : state);
    const observers = observer ? composeObservers([this.observer, observer], this.onObserverError) : this.observer;
    return new Promise((resolve, reject) => {
      const attempts = (signal: StopSignal): Promise<Verdict> => {
        toggle.hasBegun = true;
        const request = { deviceId, msgId, state: requested() };
        return runToggle(this.contextFor(deviceId, observers), request, requestedAt, signal);
      };
      const toggle = {
        msgId,
        requester,
        requestedAt,
        hasBegun: false,
        state: requested,
        // Not an async function, which would take two more promises.
        run: (signal: StopSignal) => {
          if (state !== 'flip') return attempts(signal);
          return this.states.whenLoaded(signal).then(() => {
            // A stop while the states load comes before the first attempt.
            const { reason } = signal;
            if (reason === undefined) return attempts(signal);
            const elapsedMs = this.clock.now() - requestedAt;
            const error = 'stopped before its first attempt';
            return droppedVerdict({ deviceId, msgId, state: requested(), reason, error, elapsedMs });
          });
        },
        resolve: (verdict: Verdict) => {
          this.states.record(verdict);
          observers.verdict(verdict);
          resolve(verdict);
        },
        reject,
      };
      this.lanes.submit(deviceId, toggle);
    });
  }

  private contextFor(deviceId: string, observer: AttemptContext['observer']): AttemptContext {
    const { clock, random } = this;
    const { policy, transport } = this.routes.attempts(deviceId);
    return { policy, transport, clock, random, observer };
  }
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
