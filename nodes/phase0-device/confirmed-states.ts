/** Last confirmed states of a device node: stored in its context and, across deploys, in memory; observed by toggle nodes. */
import { overflow } from '../../src/overflow';
import { errorText } from '../../src/printable';
import { setImmediate, setTimeout } from 'node:timers/promises';
import type { StateStore } from '../../src/device/known-states';
import type { Observer } from '../../src/observer';
import { TransientMap } from '../../src/transient';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { Context } from '../red';
import type { Follower } from './follower';

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

/**
 * An observer of the device whose states these are. The context alone would not do: Node-RED's default store deletes a node's
 * context each time the node is closed.
 */
export class ConfirmedStates implements Observer {
  private readonly states = new TransientMap<string, ConfirmedState>();
  /** Ids that were loaded from the store and that the device has not reported yet. */
  private restoring: ReadonlySet<string> = NONE;
  /** The latest one; absent before the first. */
  private writing: Promise<void> | undefined;

  constructor(private readonly follower: Pick<Follower, 'stateChanged'>) {}

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

  clear(): void {
    this.states.clear();
  }

  confirmedState(deviceId: string, state: boolean): void {
    // The device also reports what it has just loaded from here.
    if (this.states.get(deviceId)?.state === state) return;
    this.set(deviceId, { state, beforeRestart: this.restoring.has(deviceId) && !this.states.has(deviceId) });
  }

  verdict(verdict: Verdict): void {
    const state = confirmedState(verdict);
    // Without a change of state, the device reports only this; but now the state is known for certain.
    if (state !== undefined) this.set(verdict.deviceId, { state, beforeRestart: false });
  }

  /** For the store of the device. */
  async load(context: Context): Promise<unknown> {
    if (this.states.size > 0) return Object.fromEntries(Array.from(this.states, ([id, { state }]) => [id, state]));
    const saved = await read(context);
    this.restoring = saved ? new Set(Object.keys(saved)) : NONE;
    return saved;
  }

  save(context: Context, states: object): Promise<void> {
    this.writing = write(context, states);
    return this.writing;
  }

  /** Resolves when what a device saves as it closes has been written; never rejects. */
  async written(): Promise<void> {
    // A device saves a few promises after it was closed.
    await setImmediate();
    if (!this.writing) return;
    const late = new AbortController();
    const timeout = setTimeout(WRITE_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.allWritten(), timeout]);
    late.abort();
  }

  private async allWritten(): Promise<void> {
    let latest: Promise<void> | undefined;
    // What changes during a write is written after it.
    while (latest !== this.writing) {
      latest = this.writing;
      await latest?.catch(() => undefined);
    }
  }

  private set(deviceId: string, confirmed: ConfirmedState): void {
    this.states.delete(deviceId);
    this.states.set(deviceId, confirmed);
    for (const oldest of overflow(this.states, MAX_IDS)) this.states.delete(oldest);
    this.follower.stateChanged(deviceId);
  }
}

/** The store of the device whose states these are. */
export class ContextStore implements StateStore {
  constructor(
    private readonly states: ConfirmedStates,
    private readonly context: Context,
  ) {}

  load(): Promise<unknown> {
    return this.states.load(this.context);
  }

  save(states: Readonly<Record<string, boolean>>): Promise<void> {
    return this.states.save(this.context, states);
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
