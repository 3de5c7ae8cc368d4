/** One toggle while it has no verdict: what happened to it so far. */
import type { AttemptReport, PacketEvent } from '../observer';
import type { StepKind } from './answers';

/** Bytes that are kept of what one attempt sends, and of what it gets. */
const MAX_BYTES_PER_WAY = 4096;
/** Bytes that are kept of all attempts; retries send the same packet again. */
export const MAX_BYTES = 12_288;
/** A device that sends byte by byte makes as many steps: further pieces of a reply add to the last one. */
const MAX_PIECES = 64;
/** The pieces, and all else that ten attempts do. */
export const MAX_STEPS = MAX_PIECES + 70;

const NONE: Buffer = Buffer.alloc(0);

/** Times are those of the recorder's clock, in ms. */
export interface OpenStep {
  readonly kind: StepKind;
  readonly at: number;
  readonly attempt: number;
  /** When it was over; NaN while it lasts, or if that has no meaning. */
  end: number;
  readonly bytes: Uint8Array;
  /** How many bytes there were. */
  length: number;
}

export interface OpenAttempt {
  readonly attempt: number;
  readonly at: number;
  end: number;
  report: AttemptReport | undefined;
}

export class OpenToggle {
  readonly steps: OpenStep[] = [];
  readonly attempts: OpenAttempt[] = [];
  stepsCut = 0;
  /** Whether it waited for the toggles before it. */
  wasQueued = false;
  /** Bytes of `steps`. */
  keptBytes = 0;
  private current: OpenAttempt | undefined;
  private lastSend: OpenStep | undefined;
  private lastConnect: OpenStep | undefined;
  private lastIn: OpenStep | undefined;
  private sentAt = NaN;
  /** Bytes of replies that this attempt has kept. */
  private keptIn = 0;

  constructor(
    readonly msgId: string,
    readonly requester: string,
    readonly requestId: string,
    readonly askedAt: number,
  ) {}

  get hasStarted(): boolean {
    return this.current !== undefined;
  }

  /** `isConnected`: the packet can be sent at once. */
  attemptStarted(attempt: number, now: number, isConnected: boolean): void {
    this.current = { attempt, at: now, end: NaN, report: undefined };
    this.attempts.push(this.current);
    this.lastConnect = undefined;
    this.lastSend = undefined;
    this.lastIn = undefined;
    this.keptIn = 0;
    if (isConnected) this.lastSend = this.add('send', now, NONE, 0);
  }

  connecting(now: number): void {
    this.lastConnect ??= this.add('connect', now, NONE, 0);
  }

  connected(now: number): void {
    if (this.lastConnect) this.lastConnect.end = now;
    this.lastConnect = undefined;
    this.lastSend ??= this.add('send', now, NONE, 0);
  }

  /** `room`: how many bytes may be kept. Returns how many are. */
  sent({ outcome, bytes = NONE }: PacketEvent, now: number, room: number): number {
    if (outcome !== 'success') return 0;
    if (this.lastSend) this.lastSend.end = now;
    this.sentAt = now;
    const kept = Math.min(bytes.length, MAX_BYTES_PER_WAY, MAX_BYTES - this.keptBytes, room);
    // A packet is not written to any more, so it needs no copy.
    const step = this.add('bytes_out', now, kept === bytes.length ? bytes : bytes.subarray(0, kept), bytes.length);
    return this.keep(step, kept);
  }

  /** A reply came, or none did. */
  replied({ bytes, elapsedMs }: PacketEvent, room: number): number {
    if (!bytes) return 0;
    const now = this.sentAt + elapsedMs;
    // Over a shared connection, only the whole reply is known to be one.
    const kept = this.lastIn ? 0 : this.bytesReceived(bytes, now, room);
    this.add('reply', now, NONE, 0);
    return kept;
  }

  bytesReceived(bytes: Uint8Array, now: number, room: number): number {
    const { lastIn } = this;
    // Only the first bytes of a reply are kept, so that what is kept has no gap.
    const isCut = lastIn !== undefined && lastIn.length > lastIn.bytes.length;
    const limit = Math.min(MAX_BYTES_PER_WAY - this.keptIn, MAX_BYTES - this.keptBytes, room);
    const kept = isCut || (lastIn && this.steps.length >= MAX_PIECES) ? 0 : Math.min(bytes.length, limit);
    if (lastIn && kept === 0) {
      // A piece without a byte of its own adds to the one before it.
      lastIn.length += bytes.length;
      return 0;
    }
    const copy = Buffer.allocUnsafe(kept);
    copy.set(kept === bytes.length ? bytes : bytes.subarray(0, kept));
    const step = this.add('bytes_in', now, copy, bytes.length);
    this.lastIn = step;
    if (step) this.keptIn += kept;
    return this.keep(step, kept);
  }

  attemptEnded(report: AttemptReport): void {
    const { current } = this;
    if (!current) return;
    const now = current.at + report.elapsedMs;
    current.end = now;
    current.report = report;
    const wait = report.willRetry ? this.add('retry_wait', now, NONE, 0) : undefined;
    if (wait) wait.end = now + report.retryInMs;
  }

  private keep(step: OpenStep | undefined, kept: number): number {
    if (!step) return 0;
    this.keptBytes += kept;
    return kept;
  }

  private add(kind: StepKind, at: number, bytes: Uint8Array, length: number): OpenStep | undefined {
    if (this.steps.length >= MAX_STEPS) {
      this.stepsCut += 1;
      return undefined;
    }
    const step: OpenStep = { kind, at, attempt: this.current?.attempt ?? 0, end: NaN, bytes, length };
    this.steps.push(step);
    return step;
  }
}
