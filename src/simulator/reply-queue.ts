/** Replies of one connection of the simulated device: in order, none before it is due, bounded in bytes. */
import type { Socket } from 'node:net';
import type { Behaviour } from './modes';

interface Pending {
  readonly reply: Buffer;
  /** Bytes of the reply that were sent already. */
  sent: number;
  readonly drip: boolean;
  readonly delayMs: number;
  /** When the next byte may be sent, on the scale of performance.now(). */
  dueAt: number;
  readonly closes: boolean;
}

/** Estimated memory of a pending reply besides its bytes. */
const PENDING_BYTES = 256;
/** Above this, the connection is not read: more than a socket buffers before it asks to wait. */
const MAX_UNSENT_BYTES = 256 * 1024;
const NOTHING = Buffer.alloc(0);

export class ReplyQueue {
  private readonly pending: Pending[] = [];
  private pendingBytes = 0;
  private timer: NodeJS.Timeout | undefined;

  /** Calls `onSent` when some of it was sent, so that there may be room again, and `onBytes` with what is sent. */
  constructor(
    private readonly socket: Socket,
    private readonly onSent: () => void,
    private readonly onBytes: (bytes: Buffer) => void,
  ) {
    socket.on('drain', onSent);
    socket.on('close', () => this.clear());
  }

  /** Whether so much is unsent that no further request should be read. */
  get isFull(): boolean {
    return this.pendingBytes + this.socket.writableLength > MAX_UNSENT_BYTES;
  }

  push({ reply = NOTHING, delayMs = 0, drip = false, closes = false }: Behaviour): void {
    if (this.socket.destroyed || (reply.length === 0 && !closes)) return;
    const dueAt = performance.now() + delayMs;
    this.pending.push({ reply, sent: 0, drip, delayMs, dueAt, closes });
    this.pendingBytes += PENDING_BYTES + reply.length;
    if (!this.timer) this.sendDue();
  }

  /** One after the other: bytes of two replies must not mix. */
  private sendDue(): void {
    this.timer = undefined;
    for (let [first] = this.pending; first; [first] = this.pending) {
      const waitMs = first.dueAt - performance.now();
      if (waitMs > 0) {
        this.timer = setTimeout(() => {
          this.sendDue();
          this.onSent();
        }, Math.ceil(waitMs));
        return;
      }
      this.send(first);
    }
  }

  private send(first: Pending): void {
    const { reply, sent, drip, delayMs, closes } = first;
    const end = drip ? Math.min(sent + 1, reply.length) : reply.length;
    if (this.socket.writable && end > sent) {
      const bytes = reply.subarray(sent, end);
      this.socket.write(bytes);
      this.onBytes(bytes);
    }
    first.sent = end;
    first.dueAt = performance.now() + delayMs;
    if (end < reply.length) return;
    this.pending.shift();
    this.pendingBytes -= PENDING_BYTES + reply.length;
    if (closes) this.socket.end();
  }

  private clear(): void {
    clearTimeout(this.timer);
    this.pending.length = 0;
    this.pendingBytes = 0;
  }
}
