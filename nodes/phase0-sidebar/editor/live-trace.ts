/** What the tab shows, kept up to date from the routes for as long as somebody looks at it. Pure. */
import type { DevicesAnswer } from '../../../src/trace/answers';
import { DeviceStore } from './device-store';
import { LongPoll, type Get, type Later, type PollTrouble } from './long-poll';
import { SettingsReader } from './settings-reader';
import { queryOf, type TraceFilter } from './toggle-query';
import { ToggleFeed } from './toggle-feed';

/** Which toggles are wanted: none, those of one device, or those that a filter finds. */
export type ToggleScope =
  | { readonly kind: 'none' }
  | { readonly kind: 'device'; readonly key: string }
  | { readonly kind: 'trace'; readonly filter: TraceFilter };

/** The server answers at once when there is something new, and then at the latest. */
const WAIT_MS = 20_000;
/** Nothing is recorded until Node-RED is started anew. */
const OFF_MS = 20_000;
const DEVICE_TOGGLES = 20;
const TRACE_TOGGLES = 200;

export class LiveTrace {
  readonly devices: DeviceStore;
  /** What the filter of the trace finds. */
  readonly trace: ToggleFeed;
  /** Those of the device whose page is open. */
  readonly latest: ToggleFeed;
  /** Of the device whose page is open. */
  readonly settings: SettingsReader;
  trouble: PollTrouble | undefined;
  private scope: ToggleScope = { kind: 'none' };
  private isWatched = false;
  private isPaused = false;
  private readonly devicesPoll: LongPoll<DevicesAnswer>;

  constructor(
    get: Get,
    later: Later,
    session: () => string | undefined,
    clock: () => number,
    private readonly changed: () => void,
  ) {
    this.devices = new DeviceStore(clock);
    this.settings = new SettingsReader(get, later, changed);
    const trouble = (found: PollTrouble | undefined) => {
      if (this.trouble === found) return;
      this.trouble = found;
      changed();
    };
    this.devicesPoll = new LongPoll(get, later, {
      path: (cursor) => `phase0/devices?${withCursor(cursor)}`,
      take: (answer: DevicesAnswer) => {
        const gone = this.devices.take(answer);
        for (const { store } of [this.trace, this.latest]) store.forget(gone, this.devices.nodeIds());
        this.settings.changedAre(answer.devices);
        this.update();
        return { since: answer.cursor, ...(answer.traceBytes === 0 && { inMs: OFF_MS }) };
      },
      trouble,
      session,
    });
    const path = (query: string, cursor: string | undefined) => `phase0/toggles?${query}&${withCursor(cursor)}`;
    const update = () => this.update();
    this.trace = new ToggleFeed(get, later, session, path, update);
    this.latest = new ToggleFeed(get, later, session, path, update);
  }

  /** Nothing is sent while nobody looks. */
  watch(isWatched: boolean): void {
    this.isWatched = isWatched;
    this.update();
  }

  pause(isPaused: boolean): void {
    this.isPaused = isPaused;
    this.update();
  }

  show(scope: ToggleScope): void {
    this.scope = scope;
    if (scope.kind === 'trace') this.trace.ask(traceQuery(scope.filter));
    if (scope.kind === 'device') this.latest.ask(`device=${encodeURIComponent(scope.key)}&limit=${DEVICE_TOGGLES}`);
    this.update();
  }

  private update(): void {
    if (this.isWatched) this.devicesPoll.start();
    else this.devicesPoll.stop();
    const { scope } = this;
    this.settings.show(this.isWatched && scope.kind === 'device' ? scope.key : undefined);
    const isOn = this.isWatched && this.devices.said?.traceBytes !== 0;
    // What another filter finds is read once, also while paused.
    const isFresh = !this.isPaused || !this.trace.store.isRead;
    this.trace.read(isOn && scope.kind === 'trace' && isFresh);
    this.latest.read(isOn && scope.kind === 'device');
    this.changed();
  }
}

function traceQuery(filter: TraceFilter): string {
  const query = queryOf(filter);
  query.set('limit', String(TRACE_TOGGLES));
  return query.toString();
}

function withCursor(cursor: string | undefined): string {
  return cursor === undefined ? '' : `since=${encodeURIComponent(cursor)}&wait=${WAIT_MS}`;
}
