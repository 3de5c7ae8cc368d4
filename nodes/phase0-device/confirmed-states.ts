/** Last confirmed states of a device node: stored in its context and, across deploys, in memory; observed by toggle nodes. */
import { overflow } from '../../src/overflow';
import { errorText } from '../../src/printable';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { StateStore } from '../../src/device/known-states';
import type { Observer } from '../../src/observer';
import { confirmedState } from '../../src/verdict';
import type { Context } from '../red';

const CONTEXT_KEY = 'confirmedStates';
/** The limit of a device, too; the states confirmed longest ago are removed first. */
const MAX_IDS = 10_000;
/** Longest wait for a context store when a node closes: Node-RED gives up on a node after 15 s. */
const WRITE_TIMEOUT_MS = 5000;

const NONE: ReadonlySet<string> = new Set();

export interface ConfirmedState {
  readonly state: boolean;
  /** The store loaded it from an earlier run, and no toggle has confirmed it since. */
  readonly beforeRestart: boolean;
}

export type StateListener = (deviceId: string) => void;

/** The context alone would not do: Node-RED's default store deletes a node's context each time the node is closed. */
export class ConfirmedStates {
  private readonly states = new Map<string, ConfirmedState>();
  private readonly listeners = new Map<string, StateListener>();
  /** Ids that were loaded from the store and that the device has not reported yet. */
  private restoring: ReadonlySet<string> = NONE;
  private writing: Promise<void> = Promise.resolve();

  get(deviceId: string): ConfirmedState | undefined {
    return this.states.get(deviceId);
  }

  /** How many states are known. */
  get size(): number {
    return this.states.size;
  }

  /** The ids whose state is known. */
  deviceIds(): Iterable<string> {
    return this.states.keys();
  }

  /** Calls `listener` for each state that is confirmed or loaded from now on; a toggle node has one listener. */
  follow(toggleNodeId: string, listener: StateListener): void {
    this.listeners.set(toggleNodeId, listener);
  }

  unfollow(toggleNodeId: string): void {
    this.listeners.delete(toggleNodeId);
  }

  clear(): void {
    this.states.clear();
  }

  /** To be added to the observers of the device whose states these are. */
  readonly observer: Observer = {
    confirmedState: (deviceId, state) => {
      // The device also reports what it has just loaded from here.
      if (this.states.get(deviceId)?.state === state) return;
      this.set(deviceId, { state, beforeRestart: this.restoring.has(deviceId) && !this.states.has(deviceId) });
    },
    verdict: (verdict) => {
      const state = confirmedState(verdict);
      // Without a change of state, the device reports only this; but now the state is known for certain.
      if (state !== undefined) this.set(verdict.deviceId, { state, beforeRestart: false });
    },
  };

  /** The store of the device whose states these are. */
  storeIn(context: Context): StateStore {
    return {
      load: async () => {
        if (this.states.size > 0) return this.snapshot();
        const saved = await read(context);
        this.restoring = new Set(Object.keys(saved ?? {}));
        return saved;
      },
      save: (states) => {
        this.writing = write(context, states);
        return this.writing;
      },
    };
  }

  /** Resolves when what a device saves as it closes has been written; never rejects. */
  async written(): Promise<void> {
    // A device saves a few promises after it was closed.
    await setImmediate();
    const late = new AbortController();
    const timeout = setTimeout(WRITE_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.writing.catch(() => undefined), timeout]);
    late.abort();
  }

  private set(deviceId: string, confirmed: ConfirmedState): void {
    this.states.delete(deviceId);
    this.states.set(deviceId, confirmed);
    for (const oldest of overflow(this.states, MAX_IDS)) this.states.delete(oldest);
    for (const listener of this.listeners.values()) listener(deviceId);
  }

  private snapshot(): Record<string, boolean> {
    return Object.fromEntries(Array.from(this.states, ([deviceId, { state }]) => [deviceId, state]));
  }
}

function read(context: Context): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    context.get(CONTEXT_KEY, (error, saved) => {
      if (error) reject(new Error(errorText(error), { cause: error }));
      else resolve(typeof saved === 'object' && saved !== null ? saved : undefined);
    });
  });
}

function write(context: Context, states: object): Promise<void> {
  return new Promise((resolve, reject) => {
    context.set(CONTEXT_KEY, states, (error) => {
      if (error) reject(new Error(errorText(error), { cause: error }));
      else resolve();
    });
  });
}
