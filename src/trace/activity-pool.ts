/**
 * What the devices did, in pages: counts, the last verdict without its error, and the sparkline of each device that was
 * switched. An object for each would take more than what it has.
 */
import type { Cause, VerdictOutcome, VerdictReason } from '../outcomes';
import type { Verdict } from '../verdict';
import type { LastVerdict } from './answers';
import type { CodeWords } from './code-words';
import { newRegion, type Region } from './region';
import { durationCode, OUTCOMES, SPARK_POINT_BYTES, SPARK_POINTS } from './spark';
import type { Writable } from './writable';

const COUNT_BYTES = 4;
/** Where in a slot stands what. */
const SEQ = OUTCOMES.length * COUNT_BYTES;
const AT = SEQ + 8;
const LATENCY = AT + 8;
const ATTEMPTS = LATENCY + 8;
const OUTCOME = ATTEMPTS + 2;
const REASON = OUTCOME + 1;
const CAUSE = REASON + 1;
/** How many points the sparkline has, and where the next one goes. */
const POINTS = CAUSE + 1;
const NEXT = POINTS + 1;
const SPARK = NEXT + 1;

/** What a device takes that was switched. */
export const ACTIVITY_BYTES = SPARK + SPARK_POINTS * SPARK_POINT_BYTES;
const PER_PAGE = 64;

export class ActivityPool {
  private readonly pages: Region[] = [];
  private readonly free: number[] = [];
  private count = 0;

  constructor(private readonly words: CodeWords) {}

  /** A slot of a device that has done nothing yet. */
  take(): number {
    const slot = this.free.pop() ?? this.count++;
    if (slot / PER_PAGE >= this.pages.length) this.pages.push(newRegion(PER_PAGE * ACTIVITY_BYTES));
    this.page(slot).bytes.fill(0, this.start(slot), this.start(slot) + SPARK);
    return slot;
  }

  release(slot: number): void {
    this.free.push(slot);
  }

  /** `seq` is the number of the toggle. */
  add(slot: number, verdict: Verdict, seq: number, at: number): void {
    const { bytes, view } = this.page(slot);
    const start = this.start(slot);
    const outcome = OUTCOMES.indexOf(verdict.outcome);
    const count = start + outcome * COUNT_BYTES;
    view.setUint32(count, view.getUint32(count) + 1);
    view.setFloat64(start + SEQ, seq);
    view.setFloat64(start + AT, at);
    view.setFloat64(start + LATENCY, verdict.latencyMs ?? NaN);
    view.setUint16(start + ATTEMPTS, Math.min(verdict.attempts, 0xffff));
    bytes[start + OUTCOME] = outcome;
    bytes[start + REASON] = this.words.codeOf(verdict.reason);
    bytes[start + CAUSE] = this.words.codeOf(verdict.cause);
    const next = bytes[start + NEXT] ?? 0;
    const point = start + SPARK + next * SPARK_POINT_BYTES;
    bytes[point] = outcome;
    view.setUint16(point + 1, durationCode((verdict.latencyMs ?? verdict.elapsedMs) * 1000));
    bytes[start + POINTS] = Math.min(SPARK_POINTS, (bytes[start + POINTS] ?? 0) + 1);
    bytes[start + NEXT] = (next + 1) % SPARK_POINTS;
  }

  counts(slot: number): Record<VerdictOutcome, number> {
    const { view } = this.page(slot);
    const start = this.start(slot);
    const counts = { confirmed: 0, rejected: 0, unknown: 0, failed: 0, dropped: 0 };
    OUTCOMES.forEach((outcome, index) => {
      counts[outcome] = view.getUint32(start + index * COUNT_BYTES);
    });
    return counts;
  }

  /** `error` is kept elsewhere. */
  last(slot: number, error: string): LastVerdict {
    const { bytes, view } = this.page(slot);
    const start = this.start(slot);
    const reason = this.words.wordOf(bytes[start + REASON] ?? 0) as VerdictReason | undefined;
    const cause = this.words.wordOf(bytes[start + CAUSE] ?? 0) as Cause | undefined;
    const latencyMs = view.getFloat64(start + LATENCY);
    const last: Writable<LastVerdict> = {
      seq: view.getFloat64(start + SEQ),
      outcome: OUTCOMES[bytes[start + OUTCOME] ?? 0] ?? 'dropped',
      at: Math.round(view.getFloat64(start + AT) * 1000) / 1000,
      attempts: view.getUint16(start + ATTEMPTS),
    };
    if (reason) last.reason = reason;
    if (cause) last.cause = cause;
    if (error !== '') last.error = error;
    if (!Number.isNaN(latencyMs)) last.latencyUs = Math.round(latencyMs * 1000);
    return last;
  }

  /** For `readSpark`, the oldest point first. */
  spark(slot: number): string {
    const { bytes } = this.page(slot);
    const start = this.start(slot);
    const points = start + SPARK;
    const count = bytes[start + POINTS] ?? 0;
    if (count < SPARK_POINTS) return bytes.toString('base64', points, points + count * SPARK_POINT_BYTES);
    const oldest = points + (bytes[start + NEXT] ?? 0) * SPARK_POINT_BYTES;
    // Three bytes are four characters, so that both parts can be joined.
    return bytes.toString('base64', oldest, start + ACTIVITY_BYTES) + bytes.toString('base64', points, oldest);
  }

  private page(slot: number): Region {
    return this.pages[Math.floor(slot / PER_PAGE)] as Region;
  }

  private start(slot: number): number {
    return (slot % PER_PAGE) * ACTIVITY_BYTES;
  }
}
