/** A client socket of the simulated network: what the core sees of a connection, as the real one of node:net behaves. */
import type { ConnectStep } from '../../src/transport/socket-cause';
import type { ClientSocket, SocketEvents, SocketFailure } from '../../src/transport/socket';
import type { Pipe } from './pipe';
import type { VirtualTime } from './virtual-time';
import { bufferOf } from './wire-reference';

/** As src/transport/socket.ts has it. */
const LINGER_MS = 500;

const CLOSED: SocketFailure = { error: 'the connection was closed' };
const CLOSED_BY_DEVICE: SocketFailure = {
  error: 'the device closed the connection',
  cause: 'closed_without_reply',
};
export const RESET: SocketFailure = { error: 'read ECONNRESET', cause: 'connection_reset' };

/** What the process saw of a connection, in order. */
export type Seen =
  | { readonly kind: 'connected'; readonly atMs: number }
  | { readonly kind: 'data'; readonly atMs: number; readonly bytes: Buffer }
  | { readonly kind: 'sent'; readonly atMs: number; readonly packet: Uint8Array }
  | { readonly kind: 'failed'; readonly atMs: number; readonly failure: SocketFailure };

interface Write {
  readonly bytes: Uint8Array;
  readonly onSent: () => void;
  taken: number;
}

export interface SimSocketOptions {
  readonly number: number;
  readonly staysOpen: boolean;
  readonly time: VirtualTime;
  readonly capacity: () => number;
  readonly events: SocketEvents;
  /** The core wrote a packet. */
  readonly onWrite: (packet: Uint8Array) => void;
  readonly onEnding: (how: 'end' | 'reset' | 'freed') => void;
}

export class SimSocket implements ClientSocket {
  readonly openedAtMs: number;
  readonly seen: Seen[] = [];
  step: ConnectStep = 'connect';
  /** Set once the device has accepted. */
  up: Pipe | undefined;
  /** When the core ended it, or it was freed; Infinity until then. */
  endedAtMs = Infinity;
  /** What has arrived at the process, and was not read yet. */
  unread = 0;
  isFreed = false;
  /** Whether the core has ended it, and how. */
  ending: 'none' | 'end' | 'reset' = 'none';
  private readonly writes: Write[] = [];
  private unreadBytes = 0;
  private hasFailed = false;
  private hasEndedEarly = false;
  private isFlushing = false;

  constructor(private readonly options: SimSocketOptions) {
    this.openedAtMs = options.time.nowMs;
  }

  /** Whether it carries many toggles. */
  get staysOpen(): boolean {
    return this.options.staysOpen;
  }

  get unsentBytes(): number {
    return this.writes.reduce((sum, { bytes, taken }) => sum + bytes.length - taken, 0);
  }

  write(bytes: Uint8Array, onSent: () => void): void {
    if (this.hasFailed || this.isFreed || this.ending !== 'none') return;
    this.options.onWrite(bytes);
    this.writes.push({ bytes, onSent, taken: 0 });
    if (this.isFlushing) return;
    this.isFlushing = true;
    // What is written in one turn goes out together.
    this.options.time.world(0, () => {
      this.isFlushing = false;
      this.flush();
    });
  }

  end(): void {
    if (this.ending !== 'none' || this.isFreed) return;
    if (this.step !== 'connected') return this.reset();
    this.ending = 'end';
    this.endedAtMs = this.options.time.nowMs;
    this.options.onEnding('end');
    this.options.time.world(LINGER_MS, () => this.give());
    this.options.time.world(0, () => {
      this.flush();
      if (this.ending === 'end') this.up?.fin();
      if (this.hasFailed) this.free();
    });
  }

  reset(): void {
    if (this.isFreed || this.ending === 'reset') return;
    this.give();
  }

  // What the network reports.

  connected(greeting: Buffer | undefined): void {
    this.io(() => {
      if (this.ending !== 'none') return;
      if (greeting) this.data(greeting);
      this.step = 'connected';
      this.saw({ kind: 'connected', atMs: this.options.time.nowMs });
      this.options.events.connected();
      if (this.hasEndedEarly) this.io(() => this.fail(CLOSED_BY_DEVICE));
    });
  }

  received(bytes: Buffer): void {
    this.arrive(() => this.data(bytes));
  }

  /** The device, or something on the way, closed its side. */
  finReceived(): void {
    this.arrive(() => {
      if (this.step !== 'connected') this.hasEndedEarly = true;
      else this.fail(CLOSED_BY_DEVICE);
      if (this.ending === 'end') this.free();
    });
  }

  broken(failure: SocketFailure): void {
    this.arrive(() => {
      this.fail(failure);
      this.free();
    });
  }

  /** The device has read, which makes room. */
  drained(bytes: number): void {
    this.unreadBytes = Math.max(0, this.unreadBytes - bytes);
    this.flush();
  }

  private flush(): void {
    let room = this.options.capacity() - this.unreadBytes;
    const taken: Uint8Array[] = [];
    const sent: Write[] = [];
    while (room > 0 && this.ending !== 'reset' && !this.isFreed) {
      const [first] = this.writes;
      if (!first) break;
      const part = first.bytes.subarray(first.taken, first.taken + room);
      first.taken += part.length;
      room -= part.length;
      this.unreadBytes += part.length;
      taken.push(part);
      if (first.taken < first.bytes.length) break;
      this.writes.shift();
      sent.push(first);
    }
    if (taken.length > 0) this.up?.push(taken.length === 1 && taken[0] ? bufferOf(taken[0]) : Buffer.concat(taken));
    for (const { bytes: packet, onSent } of sent) {
      this.io(() => {
        if (this.ending === 'reset') return;
        this.saw({ kind: 'sent', atMs: this.options.time.nowMs, packet });
        onSent();
      });
    }
  }

  private data(bytes: Buffer): void {
    if (this.hasFailed || this.ending !== 'none') return;
    this.saw({ kind: 'data', atMs: this.options.time.nowMs, bytes });
    this.options.events.data(bytes);
  }

  /** Resets: what is on its way is not delivered. */
  private give(): void {
    if (this.isFreed || this.ending === 'reset') return;
    this.ending = 'reset';
    this.endedAtMs = Math.min(this.endedAtMs, this.options.time.nowMs);
    this.writes.length = 0;
    this.options.onEnding('reset');
    this.io(() => this.free());
  }

  private fail(failure: SocketFailure): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    if (this.ending === 'none') this.saw({ kind: 'failed', atMs: this.options.time.nowMs, failure });
    this.options.events.failed(failure);
  }

  private free(): void {
    if (this.isFreed) return;
    this.fail(CLOSED);
    this.isFreed = true;
    this.endedAtMs = Math.min(this.endedAtMs, this.options.time.nowMs);
    this.options.onEnding('freed');
    this.options.events.closed();
  }

  private arrive(report: () => void): void {
    this.unread += 1;
    this.io(() => {
      this.unread -= 1;
      report();
    });
  }

  /** What is reported, unless it is freed by then. */
  private io(report: () => void): void {
    this.options.time.io(0, report, this);
  }

  get isOver(): boolean {
    return this.isFreed;
  }

  private saw(seen: Seen): void {
    this.seen.push(seen);
  }
}
