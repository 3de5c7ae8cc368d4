/** One direction of a simulated connection: bytes in order, with the faults that its plan has for each chunk. */
import type { DirectionPlan } from '../support/fault-schedule';
import type { VirtualTime } from './virtual-time';
import { joined, NONE, readFrames } from './wire-reference';

/** Where what passes comes out. */
export interface Sink {
  data(bytes: Buffer): void;
  /** The sender closed its side, or the network made it look so. */
  fin(): void;
  /** The connection was reset on its way. */
  reset(): void;
}

/** What happens to one direction, and whether its bytes are records of TLS. */
export interface PipePlan extends DirectionPlan {
  /** Records of TLS: what is not whole or not as it was sent ends the connection. */
  readonly isSecure: boolean;
}

export interface PipeOptions {
  readonly time: VirtualTime;
  readonly latencyMs: number;
  /** Whether faults are over; a direction that fell silent before stays so. */
  readonly isQuiet: () => boolean;
  readonly round: (ms: number) => number;
}

/** How long a chunk waits for the next one at most. */
const COALESCE_MS = 5;

export class Pipe {
  private lastArrivalMs = 0;
  private passedBytes = 0;
  private held: Buffer = NONE;
  /** Whether what has not arrived is not delivered any more. */
  isOver = false;
  private hasEnded = false;

  constructor(
    private readonly options: PipeOptions,
    private readonly plan: PipePlan,
    private readonly sink: Sink,
  ) {}

  push(bytes: Buffer): void {
    if (this.hasEnded || this.isOver) return;
    const chunk = joined(this.held, bytes);
    this.held = NONE;
    const fate = this.plan.nextFate();
    if (this.options.isQuiet()) return this.pass(chunk, 0);
    if (fate.waitsForNext) {
      this.held = chunk;
      this.options.time.world(COALESCE_MS, () => this.releaseHeld());
      return;
    }
    const { isSecure } = this.plan;
    if (fate.resets) {
      // Before its delivery, or while it is delivered.
      this.pass(isSecure ? NONE : part(chunk, fate.truncateAt ?? 0), fate.waitMs);
      return this.end(() => this.sink.reset());
    }
    if (fate.truncateAt !== undefined) {
      this.pass(isSecure ? NONE : part(chunk, fate.truncateAt), fate.waitMs);
      return this.end(() => this.sink.fin());
    }
    if (isSecure && (fate.corruptAt !== undefined || fate.isDoubled)) return this.end(() => this.sink.reset());
    const once = fate.corruptAt === undefined ? chunk : corrupted(chunk, fate.corruptAt);
    const isDoubled = fate.isDoubled && isWhole(once);
    // A frame in one piece with its copy: a device that pauses between them could obey newer commands before the copy.
    const sent = isDoubled && isFrame(once) ? joined(once, once) : once;
    if (fate.splitAt === undefined || isSecure) this.pass(sent, fate.waitMs);
    else {
      const first = part(once, fate.splitAt);
      this.pass(first, fate.waitMs);
      this.pass(sent.subarray(first.length), fate.waitMs + 1);
    }
    if (isDoubled && sent === once) this.pass(sent, fate.waitMs);
  }

  /** After everything that was pushed. */
  fin(): void {
    this.releaseHeld();
    if (!this.hasEnded && !this.isSilent) this.end(() => this.sink.fin());
  }

  /** What has not arrived is not delivered any more. */
  cut(): void {
    this.isOver = true;
  }

  private get isSilent(): boolean {
    return this.passedBytes >= this.plan.silentAfterBytes;
  }

  private releaseHeld(): void {
    const { held } = this;
    this.held = NONE;
    if (!this.isOver && !this.hasEnded) this.pass(held, 0);
  }

  private end(report: () => void): void {
    this.hasEnded = true;
    // Sides that are silent do not say either that they have ended.
    if (!this.isSilent) this.arrive(0, report);
  }

  private pass(bytes: Buffer, waitMs: number): void {
    const { plan } = this;
    const most = Math.max(0, plan.silentAfterBytes - this.passedBytes);
    const passing = most >= bytes.length ? bytes : this.plan.isSecure ? NONE : bytes.subarray(0, most);
    this.passedBytes += bytes.length;
    if (passing.length === 0) return;
    const transferMs = this.options.isQuiet() ? 0 : (passing.length / plan.bytesPerSecond) * 1000;
    this.arrive(waitMs + transferMs, () => this.sink.data(passing));
  }

  private arrive(waitMs: number, report: () => void): void {
    const { time, latencyMs, round } = this.options;
    const at = Math.max(this.lastArrivalMs, time.nowMs + round(latencyMs + waitMs));
    this.lastArrivalMs = at;
    time.worldAt(at, report, this);
  }
}

function part(bytes: Buffer, share: number): Buffer {
  return bytes.subarray(0, Math.floor(share * bytes.length));
}

/**
 * Whether a chunk is one whole frame, or a raw reply. A part that came twice would damage what it is part of; and no client
 * can help it if the network brings an older command again after a newer one.
 */
function isWhole(chunk: Buffer): boolean {
  const { frames } = readFrames(chunk);
  return isFrame(chunk) ? frames.length === 1 && frames[0]?.end === chunk.length : chunk[0] === 0x41;
}

function isFrame(chunk: Buffer): boolean {
  return chunk[0] === 0xf0;
}

function corrupted(bytes: Buffer, share: number): Buffer {
  const copy = Buffer.from(bytes);
  const at = Math.floor(share * copy.length);
  // The share also decides what the byte becomes.
  copy[at] = (copy[at] ?? 0) ^ (1 + (Math.floor(share * 7919) % 255));
  return copy;
}
