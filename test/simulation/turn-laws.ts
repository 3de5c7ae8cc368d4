/** Laws of connections of their own: each waits for the last one of its lane, or of a device that takes one at a time. */
import { name, TIMER_MS, TINY_MS, type AttemptFact, type Broken, type ToggleFact } from './facts';
import type { SimSocket } from './sim-socket';

interface Turn {
  readonly toggle: ToggleFact;
  readonly startedAtMs: number;
  readonly socket: SimSocket;
}

/** Longest wait for another connection to end. */
const MAX_WAIT_MS = 500;
/** How long it is remembered that a device takes one at a time. */
const TAKES_ONE_FOR_MS = 600_000;

/** Of all controllers, which share what they learn. */
export class TurnLaws {
  private readonly turns = new Map<number, Set<Turn>>();
  /** When each port was found to take one connection at a time. */
  private readonly takesOne = new Map<number, number>();

  constructor(private readonly broken: Broken) {}

  /** A connection for `attempt` was opened. */
  opened(toggle: ToggleFact, { started, socket }: AttemptFact, nowMs: number): void {
    if (!socket) return;
    const turns = this.current(toggle);
    const since = this.takesOne.get(toggle.era.settings.port) ?? Infinity;
    const isTaken = since < started.atMs && nowMs < since + TAKES_ONE_FOR_MS;
    const waitedMs = nowMs - started.atMs;
    for (const other of turns) {
      const isSameLane = other.toggle.era === toggle.era && other.toggle.deviceId === toggle.deviceId;
      if (!isSameLane && !(isTaken && other.startedAtMs < started.atMs)) continue;
      if (waitedMs >= MAX_WAIT_MS - TIMER_MS - TINY_MS) continue;
      this.broken('turns', `${name(toggle)} opened a connection beside that of ${name(other.toggle)}`);
    }
    turns.add({ toggle, startedAtMs: started.atMs, socket });
  }

  /** No connection came about for `attempt`. */
  refused(toggle: ToggleFact, { socket }: AttemptFact, nowMs: number): void {
    const serves = [...this.current(toggle)].some(
      (other) => other.socket !== socket && other.socket.step === 'connected',
    );
    if (serves) this.takesOne.set(toggle.era.settings.port, nowMs);
  }

  private current({ era }: ToggleFact): Set<Turn> {
    const { port } = era.settings;
    const turns = this.turns.get(port) ?? new Set();
    this.turns.set(port, turns);
    for (const turn of turns) if (turn.socket.isFreed) turns.delete(turn);
    return turns;
  }
}
