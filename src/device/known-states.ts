/** Last confirmed state of each device id of one device, shared by everyone who switches it. */
import type { CancelTimer, Clock } from '../clock';
import { confirmedState, type Verdict } from '../verdict';

/** Keeps the last confirmed states, so that they outlive the device object. */
export interface StateStore {
  /** Resolves to what was saved last, or to undefined. The value is checked, so a store may return anything. */
  load(): Promise<unknown>;
  /** Replaces what was saved. `states` has an entry for each device id, the one confirmed last at the end. */
  save(states: Readonly<Record<string, boolean>>): Promise<void>;
}

interface KnownStatesOptions {
  readonly store: StateStore | undefined;
  /** Called on each change, and for each state that the store had. */
  readonly onChange: (deviceId: string, state: boolean, isRestored: boolean) => void;
  readonly onError: (error: unknown) => void;
}

/** Device ids remembered; ids come from messages, so there is no other bound. The one confirmed longest ago goes first. */
const MAX_IDS = 10_000;
/** All states are written at once, so not more often than this. */
const SAVE_INTERVAL_MS = 1000;

export class KnownStates {
  /** Resolves once the store was read; never rejects. */
  readonly loaded: Promise<void>;
  private readonly states = new Map<string, boolean>();
  private saving: Promise<void> = Promise.resolve();
  private cancelSave: CancelTimer | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly options: KnownStatesOptions,
  ) {
    this.loaded = options.store ? this.load(options.store) : Promise.resolve();
  }

  get(deviceId: string): boolean | undefined {
    return this.states.get(deviceId);
  }

  /** The state that a flip asks for: on while none is known. */
  opposite(deviceId: string): boolean {
    return this.states.get(deviceId) !== true;
  }

  /** Remembers what a confirming verdict tells; every other verdict tells nothing certain. */
  record(verdict: Verdict): void {
    const state = confirmedState(verdict);
    if (state === undefined) return;
    const changed = this.states.get(verdict.deviceId) !== state;
    this.set(verdict.deviceId, state);
    if (!changed) return;
    this.options.onChange(verdict.deviceId, state, false);
    this.saveSoon();
  }

  /** Writes what is not written yet. */
  close(): void {
    if (this.cancelSave) this.save();
  }

  private set(deviceId: string, state: boolean): void {
    this.states.delete(deviceId);
    this.states.set(deviceId, state);
    if (this.states.size <= MAX_IDS) return;
    const [oldest] = this.states.keys();
    if (oldest !== undefined) this.states.delete(oldest);
  }

  private async load(store: StateStore): Promise<void> {
    try {
      const saved = await store.load();
      if (typeof saved !== 'object' || saved === null) return;
      for (const [deviceId, state] of Object.entries(saved)) {
        // A verdict that came meanwhile is newer.
        if (typeof state !== 'boolean' || this.states.has(deviceId)) continue;
        this.set(deviceId, state);
        this.options.onChange(deviceId, state, true);
      }
    } catch (error) {
      this.options.onError(error);
    }
  }

  private saveSoon(): void {
    if (!this.options.store || this.cancelSave) return;
    this.cancelSave = this.clock.after(SAVE_INTERVAL_MS, () => this.save());
  }

  private save(): void {
    const { store, onError } = this.options;
    this.cancelSave?.();
    this.cancelSave = undefined;
    // What is in the store but not read yet must not be overwritten, nor may a slow write overtake a newer one.
    this.saving = Promise.all([this.loaded, this.saving])
      .then(() => store?.save(Object.fromEntries(this.states)))
      .catch(onError);
  }
}
