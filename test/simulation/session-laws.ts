/** Laws of persistent connections: closed in order only when all is answered, and opened again for what waits. */
import { name, TIMER_MS, TINY_MS, type AttemptFact, type Broken, type Moment, type ToggleFact } from './facts';
import { repliesTo } from './persistent-laws';
import type { SimSocket } from './sim-socket';

interface Carried {
  readonly toggle: ToggleFact;
  readonly writes: number;
}

/** Longest time that a connection takes to end which was closed in order; the next one waits for it. */
const LINGER_MS = 500;

export class SessionLaws {
  /** What was written last for each device id. */
  private readonly carried = new Map<SimSocket, Map<string, Carried>>();
  private readonly ended: SimSocket[] = [];
  /** Where and when a reply was cut off last. */
  private incomplete: { readonly socket: SimSocket | undefined; readonly atMs: number } | undefined;

  constructor(private readonly broken: Broken) {}

  opened(socket: SimSocket): void {
    this.carried.set(socket, new Map());
  }

  wrote(socket: SimSocket, toggle: ToggleFact): void {
    const carried = this.carried.get(socket);
    const last = carried?.get(toggle.deviceId);
    carried?.set(toggle.deviceId, { toggle, writes: last?.toggle === toggle ? last.writes + 1 : 1 });
  }

  /** The core has closed a connection in order. */
  closedInOrder(socket: SimSocket): void {
    this.ended.push(socket);
  }

  settled(): void {
    if (this.ended.length === 0) return;
    for (const socket of this.ended.splice(0)) {
      for (const carried of this.carried.get(socket)?.values() ?? []) {
        if (isAnswered(socket, carried)) continue;
        this.broken('closing', `a connection is closed in order, and ${name(carried.toggle)} is not answered`);
      }
    }
  }

  /** A reply was cut off: with several in flight it is not known whose it was. */
  wasIncomplete(toggle: ToggleFact, atMs: number): void {
    const socket = toggle.carriers.at(-1);
    if (this.incomplete?.socket === socket && this.incomplete?.atMs === atMs) {
      this.broken('incomplete', `${name(toggle)} shares a reply that was cut off`);
    }
    this.incomplete = { socket, atMs };
  }

  /** An attempt ended because others occupied the connection: there must be one, or one must be due. */
  wasBusy(toggle: ToggleFact, { started }: AttemptFact, now: Moment): void {
    let idleSinceMs = started.atMs;
    for (const socket of this.carried.keys()) idleSinceMs = Math.max(idleSinceMs, socket.endedAtMs);
    const longestMs = LINGER_MS + TIMER_MS + TINY_MS + now.heldMs - started.heldMs;
    const idleMs = now.atMs - idleSinceMs;
    if (idleMs > longestMs) this.broken('reconnect', `${name(toggle)} has waited ${idleMs} ms without a connection`);
  }
}

function isAnswered(socket: SimSocket, { toggle, writes }: Carried): boolean {
  const outcome = toggle.attempts.at(-1)?.end?.outcome;
  const hasEnded = outcome === 'success' || outcome === 'rejected' || outcome === 'bad_reply';
  // A reply that is not valid is an answer, too.
  const bad = toggle.attempts.filter(({ end }) => end?.outcome === 'bad_reply').length;
  return (hasEnded && writes === 1) || repliesTo(toggle.msgId, socket).length + bad >= writes;
}
