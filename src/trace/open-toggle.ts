/** One toggle while it has no verdict: what happened to it so far, written as its record will have it. */
import type { AttemptReport, ConnectionState, PacketEvent } from '../observer';
import type { AttemptOutcome, Cause } from '../outcomes';
import { roomForText } from './byte-writer';
import type { CodeWords } from './code-words';
import type { OpenLog } from './open-logs';
import { ATTEMPT, ATTEMPT_BYTES, BYTES_IN, BYTES_OUT, CONNECT, REPLY, RETRY_WAIT, SEND } from './step-codes';
import { NONE, StepLog } from './step-log';
import type { TraceClock } from './trace-clock';

/** Bytes that are kept of what one attempt sends, and of what it gets. */
const MAX_BYTES_PER_WAY = 4096;
const NOTHING = new Uint8Array(0);

/**
 * When a reply came and an attempt ended is computed from what the core measured, without a reading of the clock. That can
 * come out too late: `readEntries` limits it by what comes next.
 */
export class OpenToggle extends StepLog {
  /** The next one of the device. */
  next: OpenToggle | undefined;
  /** Whether it waited for the toggles before it. */
  wasQueued = false;
  private attemptAt = NaN;
  private sendAt = NaN;
  private sentAt = NaN;
  /** When a connection was begun that replaces the one that the packet waits for, or was sent over. */
  private reconnectAt = NONE;
  /** What is not over: the connection of an attempt, or the wait after it. */
  private pending = NONE;
  private send = NONE;
  private lastIn = NONE;
  /** How many bytes the last piece had, and how many are kept of it, and of the attempt. */
  private lastInLength = 0;
  private lastInKept = 0;
  private keptIn = 0;

  constructor(
    readonly msgId: string,
    askedAt: number,
    log: OpenLog,
    private readonly words: CodeWords,
  ) {
    super(askedAt, log);
  }

  /** Whether it goes over a connection of its own. */
  get isTest(): boolean {
    return false;
  }

  /** The first entry. */
  askedBy(requester: string, requestId: string): void {
    const writer = this.log.append(roomForText(requester) + roomForText(requestId));
    // An empty log has room for empty ones.
    if (!writer) return this.askedBy('', '');
    writer.text(requester);
    writer.text(requestId);
    this.log.ended(writer);
  }

  get hasStarted(): boolean {
    return this.attempt > 0;
  }

  /** `connection` is the one that the device has by now: over an open one, the packet can be sent at once. */
  attemptStarted(attempt: number, now: number, connection: ConnectionState | undefined): void {
    this.endPending(now);
    this.attempt = attempt;
    this.attemptAt = now;
    this.sentAt = NaN;
    this.reconnectAt = NONE;
    this.send = NONE;
    this.lastIn = NONE;
    this.keptIn = 0;
    if (connection === 'connected') this.connected(now);
    else if (connection !== 'disconnected' && connection !== undefined) this.connecting(now);
  }

  connecting(now: number): void {
    if (!this.isAttempted) return;
    if (this.send !== NONE) {
      if (this.reconnectAt === NONE) this.reconnectAt = now;
    } else if (this.pending === NONE) this.pending = this.add(CONNECT, now);
  }

  connected(now: number): void {
    if (!this.isAttempted) return;
    this.endPending(now);
    if (this.send === NONE) this.send = this.add(SEND, now);
    this.sendAt = now;
  }

  sent({ outcome, bytes = NOTHING, elapsedMs }: PacketEvent, heardAt: number): void {
    if (outcome !== 'success') return;
    // A packet that was handed over had a connection, be it one that the recorder never heard of.
    if (this.send === NONE) this.connected(this.attemptAt);
    this.addReconnection();
    // It may also have ended before the recorder heard of the connection.
    const now = Math.min(heardAt, Math.max(this.sendAt, this.attemptAt + elapsedMs));
    this.end(this.send, now);
    this.sentAt = now;
    this.addBytes(BYTES_OUT, now, bytes, Math.min(bytes.length, MAX_BYTES_PER_WAY));
  }

  /** A reply came, or none did. */
  replied({ bytes, elapsedMs }: PacketEvent, clock: TraceClock): void {
    if (!bytes) return;
    // One to the attempt before can come when this one has not been sent yet.
    const now = Number.isNaN(this.sentAt) ? clock.now() : this.sentAt + elapsedMs;
    // Over a shared connection, only the whole reply is known to be one.
    if (this.lastIn === NONE) this.bytesReceived(bytes, now);
    // By that measure it may have been there before its bytes.
    const cameAt = this.lastIn === NONE ? now : this.startOf(this.lastIn);
    this.add(REPLY, Math.max(now, cameAt));
  }

  /**
   * Another connection was opened before the packet was handed over: for this toggle only if it goes out now. One that was
   * handed over already is sent again, because the connection that took it was closed.
   */
  private addReconnection(): void {
    const { reconnectAt, sendAt } = this;
    this.reconnectAt = NONE;
    if (reconnectAt !== NONE && sendAt >= reconnectAt) this.add(CONNECT, reconnectAt, sendAt);
    if (!Number.isNaN(this.sentAt)) this.send = this.add(SEND, sendAt);
  }

  bytesReceived(bytes: Uint8Array, now: number): void {
    const { length } = bytes;
    const isFirst = this.lastIn === NONE;
    // Only the first bytes of a reply are kept, so that what is kept has no gap.
    const isFull = this.lastInLength > this.lastInKept || this.hasManySteps;
    const limit = Math.min(length, MAX_BYTES_PER_WAY - this.keptIn, this.roomForBytes);
    if (!isFirst && (isFull || limit === 0)) return this.addLength(length);
    const place = this.addBytes(BYTES_IN, now, bytes, limit);
    if (place === NONE) return isFirst ? undefined : this.addLength(length);
    this.lastIn = place;
    this.lastInLength = length;
    this.lastInKept = limit;
    this.keptIn += limit;
  }

  attemptEnded(report: AttemptReport): void {
    const { attemptAt } = this;
    if (Number.isNaN(attemptAt)) return;
    const now = attemptAt + report.elapsedMs;
    this.addAttempt(now, report.outcome, report.cause, report.error);
    // How long it really is: the device may be back before, or the toggle be stopped.
    this.pending = report.willRetry ? this.add(RETRY_WAIT, now) : NONE;
  }

  /** Whatever is still open ends with the toggle. */
  verdict(elapsedMs: number): void {
    const now = this.askedAt + elapsedMs;
    if (this.isAttempted) this.addAttempt(now);
    else this.endPending(now);
  }

  private addAttempt(end: number, outcome?: AttemptOutcome, cause?: Cause, error = ''): void {
    const room = ATTEMPT_BYTES + roomForText(error);
    const writer = this.add(ATTEMPT, this.attemptAt, end, room) === NONE ? undefined : this.log.append(room);
    this.attemptAt = NaN;
    if (!writer) return;
    writer.u8(this.words.codeOf(outcome));
    writer.u8(this.words.codeOf(cause));
    writer.text(error);
    this.log.ended(writer);
  }

  /** A piece without a byte of its own adds to the one before it. */
  private addLength(length: number): void {
    this.lastInLength += length;
    this.setLength(this.lastIn, this.lastInLength);
  }

  /** Not between two attempts: what the connection does then is of another toggle. */
  private get isAttempted(): boolean {
    return !Number.isNaN(this.attemptAt);
  }

  private endPending(now: number): void {
    this.end(this.pending, now);
    this.pending = NONE;
  }
}

/** A class of its own, since thousands of toggles have no room for a mark. */
export class OpenTest extends OpenToggle {
  override get isTest(): boolean {
    return true;
  }
}
