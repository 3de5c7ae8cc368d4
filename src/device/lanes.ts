/** Lanes of one device, by device id. */
import type { Clock } from '../clock';
import type { Observer } from '../observer';
import type { StopReason } from '../outcomes';
import { Lane, type LaneSettings, type LaneToggle } from './lane';

/**
 * Idle lanes stored for the failures that their breaker has counted. Device ids come from messages, so nothing else bounds
 * their number. The lane that has been idle longest goes first.
 */
export const MAX_IDLE_LANES = 10_000;

/** A lane exists while it runs a toggle, or has failures to remember. */
export class Lanes {
  private readonly lanes = new Map<string, Lane>();
  /** Those of `lanes` that are idle, the one that has been idle longest first. */
  private readonly idle = new Set<string>();
  private closed = false;

  constructor(
    private readonly settings: LaneSettings,
    private readonly clock: Clock,
    private readonly observer: Pick<Required<Observer>, 'queueDepth' | 'circuitState'>,
  ) {}

  submit(deviceId: string, toggle: LaneToggle): void {
    const lane = this.lanes.get(deviceId) ?? this.open(deviceId);
    this.idle.delete(deviceId);
    lane.submit(toggle);
    // The circuit may have been open.
    if (lane.idle) this.release(deviceId, lane);
  }

  /** Drops waiting toggles and aborts running ones; with `requester`, only those of that requester. */
  stop(reason: StopReason, requester?: string): void {
    // Observers of these verdicts may submit toggles, also to lanes whose turn is yet to come: these must go on.
    const stopped = Array.from(this.lanes.values(), (lane) => ({ lane, toggles: lane.toggles(requester) }));
    for (const { lane, toggles } of stopped) lane.stop(reason, toggles);
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
    const { settings, clock, observer } = this;
    const lane: Lane = new Lane(deviceId, settings, clock, {
      queueDepth: (waiting) => observer.queueDepth(deviceId, waiting),
      circuitState: (state) => {
        // A probe that close() aborts ends later, when its circuit has been reported as closed.
        if (!this.closed) observer.circuitState(deviceId, state);
      },
      idle: () => this.release(deviceId, lane),
    });
    this.lanes.set(deviceId, lane);
    if (settings.breakerFailures > 0) observer.circuitState(deviceId, 'closed');
    return lane;
  }

  /** Forgets an idle lane, now if it has nothing to remember. */
  private release(deviceId: string, lane: Lane): void {
    if (lane.disposable) {
      this.forget(deviceId);
      return;
    }
    this.idle.delete(deviceId);
    this.idle.add(deviceId);
    if (this.idle.size <= MAX_IDLE_LANES) return;
    const [oldest] = this.idle;
    if (oldest !== undefined) this.forget(oldest);
  }

  private forget(deviceId: string): void {
    const circuit = this.lanes.get(deviceId)?.circuitState;
    this.lanes.delete(deviceId);
    this.idle.delete(deviceId);
    if (circuit !== undefined && circuit !== 'closed') this.observer.circuitState(deviceId, 'closed');
  }
}
