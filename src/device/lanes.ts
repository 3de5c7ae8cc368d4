/** Lanes of one device, by device id. */
import type { Clock } from '../clock';
import type { Observer } from '../observer';
import type { StopReason } from '../outcomes';
import { overflow } from '../overflow';
import { TransientMap, TransientSet } from '../transient';
import { Lane, type LaneSettings, type LaneToggle } from './lane';

/**
 * Idle lanes stored for the failures that their breaker has counted. Device ids come from messages, so nothing else bounds
 * their number. The lanes that have been idle longest go first.
 */
export const MAX_IDLE_LANES = 10_000;

/** A lane exists while it runs a toggle, or has failures to remember. */
export class Lanes {
  private readonly lanes = new TransientMap<string, Lane>();
  /** Those of `lanes` that are idle, the one that has been idle longest first. */
  private readonly idle = new TransientSet<string>();
  private closed = false;

  constructor(
    private readonly routes: { lane(deviceId: string): LaneSettings },
    private readonly clock: Clock,
    private readonly observer: Pick<Required<Observer>, 'queueDepth' | 'circuitState'>,
  ) {}

  submit(deviceId: string, toggle: LaneToggle): void {
    const known = this.lanes.get(deviceId);
    const lane = known ?? this.open(deviceId);
    this.idle.delete(deviceId);
    lane.submit(toggle);
    // Only now: who hears of it may ask for another toggle, which is newer.
    if (!known && lane.hasCircuit && this.lanes.get(deviceId) === lane)
      this.observer.circuitState(deviceId, lane.circuitState);
    // The circuit may have been open.
    if (lane.idle) this.release(deviceId, lane);
  }

  /** Drops waiting toggles and aborts running ones; with `requester`, only those of that requester. */
  stop(reason: StopReason, requester?: string): void {
    // Observers of these verdicts may submit toggles, also to lanes whose turn is yet to come: these must go on.
    const stopped = Array.from(this.lanes.values(), (lane) => ({ lane, toggles: lane.toggles(requester) }));
    for (const { lane, toggles } of stopped) lane.stop(reason, toggles);
  }

  /** Lets the lane of `deviceId` take the settings that it has now for its next toggles. */
  reconfigure(deviceId: string): void {
    const lane = this.lanes.get(deviceId);
    lane?.reconfigure(this.routes.lane(deviceId));
    // It may have been stored for its failures alone.
    if (lane?.idle) this.release(deviceId, lane);
  }

  /** Ends the toggles of `deviceId`, and forgets what its lane has to remember. */
  remove(deviceId: string, reason: StopReason): void {
    const lane = this.lanes.get(deviceId);
    lane?.forgetFailures();
    lane?.stop(reason, lane.toggles());
    if (lane?.idle) this.release(deviceId, lane);
  }

  /** Stops everything, and reports every circuit as closed. */
  close(): void {
    this.stop('closed');
    this.closed = true;
    for (const [deviceId, lane] of this.lanes) {
      if (lane.circuitState !== 'closed') this.observer.circuitState(deviceId, 'closed');
    }
  }

  private open(deviceId: string): Lane {
    const { clock, observer } = this;
    const lane: Lane = new Lane(deviceId, this.routes.lane(deviceId), clock, {
      queueDepth: (waiting) => observer.queueDepth(deviceId, waiting),
      circuitState: (state) => {
        // A probe that close() aborts ends later, when its circuit has been reported as closed.
        if (!this.closed) observer.circuitState(deviceId, state);
      },
      idle: () => this.release(deviceId, lane),
    });
    this.lanes.set(deviceId, lane);
    return lane;
  }

  /** Forgets an idle lane, now if it has nothing to remember. */
  private release(deviceId: string, lane: Lane): void {
    // While it reported a verdict it may have been forgotten, and another lane have taken its place.
    if (this.lanes.get(deviceId) !== lane) return;
    if (lane.disposable) {
      this.forget(deviceId);
      return;
    }
    this.idle.add(deviceId);
    for (const oldest of overflow(this.idle, MAX_IDLE_LANES)) this.forget(oldest);
  }

  private forget(deviceId: string): void {
    const circuit = this.lanes.get(deviceId)?.circuitState;
    this.lanes.delete(deviceId);
    this.idle.delete(deviceId);
    if (circuit !== undefined && circuit !== 'closed') this.observer.circuitState(deviceId, 'closed');
  }
}
