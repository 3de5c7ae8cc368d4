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

const DONE = Promise.resolve();

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
  private states = new TransientMap<string, ConfirmedState>();
  /** Absent before the store is asked, and after it has failed: the next device asks again. */
  private reading: Promise<void> | undefined;
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
    this.reading = undefined;
  }

  /** Of a row that an inventory has no more. */
  forget(deviceId: string): void {
    if (this.states.delete(deviceId)) this.follower.stateChanged(deviceId);
  }

  confirmedState(deviceId: string, state: boolean): void {
    // The device also reports what it has just loaded from here.
    if (this.states.get(deviceId)?.state !== state) this.set(deviceId, { state, beforeRestart: false });
  }

  verdict(verdict: Verdict): void {
    const state = confirmedState(verdict);
    // Without a change of state, the device reports only this; but now the state is known for certain.
    if (state !== undefined) this.set(verdict.deviceId, { state, beforeRestart: false });
  }

  /** For the store of the device. A device that is replaced while the context is read leaves the reading to the next one. */
  async load(context: Context): Promise<unknown> {
    await (this.reading ??= this.readOnce(context));
    return Object.fromEntries(Array.from(this.states, ([id, { state }]) => [id, state]));
  }

  save(context: Context, states: object): Promise<void> {
    this.writing = write(context, states);
    return this.writing;
  }

  /** Resolves when what a device saves as it closes has been written; never rejects. */
  async written(): Promise<void> {
    const late = new AbortController();
    const timeout = setTimeout(WRITE_TIMEOUT_MS, undefined, { signal: late.signal }).catch(() => undefined);
    await Promise.race([this.allWritten(), timeout]);
    late.abort();
  }

  private async allWritten(): Promise<void> {
    if (this.size > 0) await this.reading?.catch(() => undefined);
    // A device saves a few promises after it was closed, or after it has loaded.
    await setImmediate();
    let latest: Promise<void> | undefined;
    // What changes during a write is written after it.
    while (latest !== this.writing) {
      latest = this.writing;
      await latest?.catch(() => undefined);
    }
  }

  private async readOnce(context: Context): Promise<void> {
    let saved: object | undefined;
    try {
      saved = await read(context);
    } catch (error) {
      this.reading = undefined;
      throw error;
    }
    // The node was removed meanwhile.
    if (!this.reading) return;
    this.reading = DONE;
    // What was confirmed meanwhile is newer.
    const newer = this.states;
    this.states = new TransientMap();
    const added = Object.entries(saved ?? {}).filter(([id, state]) => typeof state === 'boolean' && !newer.has(id));
    for (const [deviceId, state] of added) this.keep(deviceId, { state: state === true, beforeRestart: true });
    for (const [deviceId, confirmed] of newer) this.keep(deviceId, confirmed);
    for (const [deviceId] of added) this.follower.stateChanged(deviceId);
  }

  private set(deviceId: string, confirmed: ConfirmedState): void {
    this.keep(deviceId, confirmed);
    this.follower.stateChanged(deviceId);
  }

  private keep(deviceId: string, confirmed: ConfirmedState): void {
    this.states.delete(deviceId);
    this.states.set(deviceId, confirmed);
    for (const oldest of overflow(this.states, MAX_IDS)) this.states.delete(oldest);
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
