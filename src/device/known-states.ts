/** Last confirmed state of each device id, shared by everyone who switches it. */
import { callSafely, type ErrorHandler } from '../call-safely';
import type { CancelTimer, Clock } from '../clock';
import { overflow } from '../overflow';
import type { Observer } from '../observer';
import type { StopSignal } from '../stop-signal';
import { TransientMap } from '../transient';
import { confirmedState, type Verdict } from '../verdict';
import { StateSaver, type SavedStates } from './state-saver';

/**
 * Stores the last confirmed states, so that they outlive the device object. Calls take effect in order, whether or not the
 * one before has ended: a load finds what was saved before it, and the later of two saves stays.
 */
export interface StateStore {
  /** Resolves to what was saved last, or to undefined. The value is checked, so a store may return anything. */
  load(): Promise<unknown>;
  /** Replaces what was saved. `states` has one entry per device id, in the order of confirmation, the newest last. */
  save(states: Readonly<Record<string, boolean>>): Promise<void>;
}

/** Device ids come from messages, so nothing else bounds their number. The ids confirmed longest ago go first. */
export const MAX_KNOWN_STATES = 10_000;
/** A store that does not answer must not block flips forever. */
export const LOAD_TIMEOUT_MS = 10_000;
const DONE = Promise.resolve();

export class KnownStates implements SavedStates {
  /** Resolves once the store has been read or has failed; never rejects. A write before that would lose what the store has. */
  ready: Promise<void>;
  /** The same, or when the store took too long. */
  private loaded: Promise<void>;
  private readonly states = new TransientMap<string, boolean>();
  /** Ids whose state the store had, and that have not been confirmed since. */
  private restored: Set<string> | undefined;
  private readonly saver: StateSaver | undefined;
  /** The store could not be read: what it has would be lost with the first write. */
  private isUnread = false;
  private isClosed = false;
  private cancelTimeout: CancelTimer | undefined;

  /** `observer` hears of each change, and of each state that the store had. */
  constructor(
    private readonly clock: Clock,
    private readonly observer: Pick<Required<Observer>, 'confirmedState'>,
    readonly onError: ErrorHandler,
    private readonly store?: StateStore,
  ) {
    if (!store) {
      this.ready = DONE;
      this.loaded = DONE;
      return;
    }
    const timeout = this.timeout();
    this.ready = this.load(store);
    this.loaded = Promise.race([this.ready, timeout]);
    this.saver = new StateSaver(clock, this);
  }

  /** Only with a store. */
  save(): Promise<void> {
    const store = this.store as StateStore;
    const { isUnread } = this;
    this.isUnread = false;
    const save = () => store.save(Object.fromEntries(this.states));
    return isUnread ? this.load(store).then(save) : save();
  }

  /** Resolves like `loaded`, or when `signal` stops. */
  whenLoaded(signal: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        signal.removeListener(done);
        resolve();
      };
      signal.onStop(done);
      void this.loaded.then(done);
    });
  }

  get(deviceId: string): boolean | undefined {
    return this.states.get(deviceId);
  }

  /** The state that a flip requests: on while none is known. */
  opposite(deviceId: string): boolean {
    return this.states.get(deviceId) !== true;
  }

  /** Remembers the state that a verdict confirms; other verdicts leave the last one. */
  record(verdict: Verdict): void {
    const state = confirmedState(verdict);
    if (state === undefined) return;
    const { deviceId } = verdict;
    const changed = this.states.get(deviceId) !== state;
    // What was loaded may not be what the store has: the device before may have written once more.
    const isFirst = this.restored?.delete(deviceId) === true;
    this.set(deviceId, state);
    if (changed) this.observer.confirmedState(deviceId, state, false);
    if (changed || isFirst) this.saver?.schedule();
  }

  /** Forgets the state of a device id that is no more. */
  forget(deviceId: string): void {
    this.restored?.delete(deviceId);
    if (this.states.delete(deviceId)) this.saver?.schedule();
  }

  /** Writes what has not been written yet. */
  flush(): void {
    this.saver?.flush();
  }

  /** The same, for the last time. */
  close(): void {
    this.isClosed = true;
    this.cancelTimeout?.();
    this.saver?.close();
  }

  private set(deviceId: string, state: boolean): void {
    this.states.delete(deviceId);
    this.states.set(deviceId, state);
    for (const oldest of overflow(this.states, MAX_KNOWN_STATES)) this.states.delete(oldest);
  }

  private async load(store: StateStore): Promise<void> {
    try {
      this.merge(await store.load());
    } catch (error) {
      this.isUnread = true;
      this.report(error);
    }
    this.cancelTimeout?.();
    this.cancelTimeout = undefined;
    // Thousands of devices need no promise each for what is long over.
    this.ready = DONE;
    this.loaded = DONE;
  }

  /** Adds saved states. A state confirmed in the meantime is newer, so it stays, and comes after them in order. */
  private merge(saved: unknown): void {
    if (typeof saved !== 'object' || saved === null) return;
    const newer = [...this.states];
    const entries = Object.entries(saved).filter(
      (entry): entry is [string, boolean] => typeof entry[1] === 'boolean' && !this.states.has(entry[0]),
    );
    const added = entries.slice(-MAX_KNOWN_STATES);
    for (const [deviceId, state] of [...added, ...newer]) this.set(deviceId, state);
    if (added.length > 0) this.restored = new Set(added.map(([deviceId]) => deviceId));
    // The next device with the same observer knows better.
    if (this.isClosed) return;
    for (const [deviceId, state] of added) {
      if (this.states.has(deviceId)) this.observer.confirmedState(deviceId, state, true);
    }
  }

  private timeout(): Promise<void> {
    return new Promise((resolve) => {
      this.cancelTimeout = this.clock.after(LOAD_TIMEOUT_MS, () => {
        this.report(new Error(`the state store did not load within ${LOAD_TIMEOUT_MS} ms`));
        resolve();
      });
    });
  }

  private report(error: unknown): void {
    callSafely(
      () => this.onError(error),
      () => undefined,
    );
  }
}
