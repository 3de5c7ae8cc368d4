/** What the tab shows, kept up to date from the routes for as long as somebody looks at it. Pure. */
import type { DevicesAnswer, TogglesAnswer } from '../../../src/trace/answers';
import { DeviceStore } from './device-store';
import { LongPoll, type Get, type Later, type PollTrouble } from './long-poll';
import { SettingsReader } from './settings-reader';
import { queryOf, type TraceFilter } from './toggle-query';
import { ToggleStore } from './toggle-store';

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
  readonly toggles = new ToggleStore();
  /** Of the device whose page is open. */
  readonly settings: SettingsReader;
  trouble: PollTrouble | undefined;
  private scope: ToggleScope = { kind: 'none' };
  private isWatched = false;
  private isPaused = false;
  private readonly devicesPoll: LongPoll<DevicesAnswer>;
  private readonly togglesPoll: LongPoll<TogglesAnswer>;

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
        this.toggles.forget(gone, this.devices.nodeIds());
        this.settings.changedAre(answer.devices);
        this.update();
        return { since: answer.cursor, ...(answer.traceBytes === 0 && { inMs: OFF_MS }) };
      },
      trouble,
      session,
    });
    this.togglesPoll = new LongPoll(get, later, {
      path: (cursor) => `phase0/toggles?${this.query()}${withCursor(cursor)}`,
      take: (answer: TogglesAnswer) => {
        const next = this.toggles.take(answer);
        changed();
        return { since: next };
      },
      // What keeps one route from answering keeps the other one, too.
      trouble: () => undefined,
      session,
    });
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
    if (JSON.stringify(scope) === JSON.stringify(this.scope)) return;
    this.scope = scope;
    this.toggles.restart();
    this.togglesPoll.reset();
    this.update();
  }

  private update(): void {
    if (this.isWatched) this.devicesPoll.start();
    else this.devicesPoll.stop();
    const { scope } = this;
    const { kind } = scope;
    this.settings.show(this.isWatched && scope.kind === 'device' ? scope.key : undefined);
    const isOff = this.devices.said?.traceBytes === 0;
    if (this.isWatched && !isOff && kind !== 'none' && !(this.isPaused && kind === 'trace')) this.togglesPoll.start();
    else this.togglesPoll.stop();
    this.changed();
  }

  private query(): string {
    const { scope } = this;
    if (scope.kind === 'device') return `device=${encodeURIComponent(scope.key)}&limit=${DEVICE_TOGGLES}&`;
    if (scope.kind === 'none') return '';
    const query = queryOf(scope.filter);
    query.set('limit', String(TRACE_TOGGLES));
    return `${query.toString()}&`;
  }
}

function withCursor(cursor: string | undefined): string {
  return cursor === undefined ? '' : `since=${encodeURIComponent(cursor)}&wait=${WAIT_MS}`;
}
