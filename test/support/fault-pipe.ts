/** One direction of a connection through the fault proxy: holds chunks back, changes them, and passes them on in order. */
import type { Socket } from 'node:net';
import type { ChunkFate, DirectionPlan } from './fault-schedule';

/** A chunk that waits to be coalesced waits this long if no other one comes. */
const COALESCE_MS = 20;
/** Pieces of a split chunk arrive this far apart, so that they are read one by one. */
const SPLIT_MS = 2;
/** More than this is not held: the sender has to wait, as with a real line. */
const MAX_HELD_BYTES = 1 << 20;

/** What waits for its turn: bytes, or what ends the direction. */
interface Held {
  dueAt: number;
  bytes: Buffer;
  end: 'none' | 'end' | 'reset';
  readonly waitsForNext: boolean;
}

export class FaultPipe {
  private readonly held: Held[] = [];
  private heldBytes = 0;
  private passedBytes = 0;
  private hasEnded = false;
  private timer: NodeJS.Timeout | undefined;

  /** `onReset` is called when the schedule resets the connection. */
  constructor(
    private readonly plan: DirectionPlan,
    private readonly source: Socket,
    private readonly target: Socket,
    private readonly onReset: () => void,
  ) {}

  /** Whether what enters from now on disappears, the end of the connection included. */
  get isSilent(): boolean {
    return this.passedBytes >= this.plan.silentAfterBytes;
  }

  push(chunk: Buffer): void {
    if (this.hasEnded) return;
    const bytes = chunk.subarray(0, this.plan.silentAfterBytes - this.passedBytes);
    this.passedBytes += chunk.length;
    if (bytes.length > 0) this.schedule(bytes, this.plan.nextFate());
  }

  /** The source has ended its side: so does the target, after all that is held. */
  end(): void {
    if (this.hasEnded || this.isSilent) return;
    this.hasEnded = true;
    this.hold(Buffer.alloc(0), 0, { end: 'end' });
  }

  /** Forgets what is held: none of it arrives. */
  drop(): void {
    this.hasEnded = true;
    this.held.length = 0;
    clearTimeout(this.timer);
  }

  private schedule(whole: Buffer, fate: ChunkFate): void {
    const { waitMs, splitAt, waitsForNext, corruptAt, truncateAt } = fate;
    const kept = truncateAt === undefined ? whole : whole.subarray(0, Math.floor(truncateAt * whole.length));
    const once = corruptAt === undefined ? kept : corrupted(kept, Math.floor(corruptAt * kept.length));
    const bytes = fate.isDoubled ? Buffer.concat([once, once]) : once;
    const onTheLineMs = (bytes.length / this.plan.bytesPerSecond) * 1000;
    this.hasEnded = truncateAt !== undefined || fate.resets;
    if (fate.resets) return this.hold(Buffer.alloc(0), waitMs, { end: 'reset' });
    const cut = splitAt === undefined ? bytes.length : Math.floor(splitAt * bytes.length);
    this.hold(bytes.subarray(0, cut), waitMs + onTheLineMs, { waitsForNext });
    if (cut < bytes.length) this.hold(bytes.subarray(cut), SPLIT_MS);
    if (truncateAt !== undefined) this.hold(Buffer.alloc(0), 0, { end: 'end' });
  }

  private hold(bytes: Buffer, waitMs: number, rest: Partial<Pick<Held, 'end' | 'waitsForNext'>> = {}): void {
    const { end = 'none', waitsForNext = false } = rest;
    const last = this.held.at(-1);
    const now = performance.now();
    // A stream has one order: nothing arrives before what was sent before it.
    const dueAt = Math.max(now, last?.dueAt ?? 0) + waitMs;
    this.heldBytes += bytes.length;
    if (this.heldBytes > MAX_HELD_BYTES) this.source.pause();
    if (last?.waitsForNext && end === 'none') {
      Object.assign(last, { bytes: Buffer.concat([last.bytes, bytes]), dueAt, waitsForNext });
      return;
    }
    this.held.push({ bytes, dueAt: waitsForNext ? dueAt + COALESCE_MS : dueAt, end, waitsForNext });
    if (this.held.length === 1) this.arm();
  }

  private arm(): void {
    const [next] = this.held;
    // Even without a delay it waits for a turn of the event loop, so that a reset that came with it is noticed first.
    if (next) this.timer = setTimeout(() => this.passOn(next), Math.max(0, next.dueAt - performance.now()));
  }

  private passOn(next: Held): void {
    if (next.dueAt > performance.now()) return this.arm();
    this.held.shift();
    this.heldBytes -= next.bytes.length;
    if (next.bytes.length > 0) this.target.write(next.bytes);
    if (this.source.isPaused() && this.heldBytes <= MAX_HELD_BYTES) this.source.resume();
    if (next.end === 'reset') return this.onReset();
    if (next.end === 'end') this.target.end();
    this.arm();
  }
}

/** Sets or clears the top bit of one byte. A packet of ASCII is then no valid UTF-8, so that every reader can notice. */
function corrupted(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  if (at < copy.length) copy.writeUInt8(copy.readUInt8(at) ^ 0x80, at);
  return copy;
}
