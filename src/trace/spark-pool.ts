/** Sparklines of all devices, in pages: a buffer for each device would take more than its points do. */
import type { VerdictOutcome } from '../outcomes';
import { durationCode, OUTCOMES, SPARK_POINT_BYTES, SPARK_POINTS } from './spark';

/** Two bytes say how many points there are, and where the next one goes. */
const HEAD_BYTES = 2;
/** What a sparkline takes. */
export const SPARK_BYTES = HEAD_BYTES + SPARK_POINTS * SPARK_POINT_BYTES;
const PER_PAGE = 64;

export class SparkPool {
  private readonly pages: Buffer[] = [];
  private readonly free: number[] = [];
  private count = 0;

  /** A sparkline without points. */
  take(): number {
    const slot = this.free.pop() ?? this.count++;
    if (slot / PER_PAGE >= this.pages.length) this.pages.push(Buffer.allocUnsafeSlow(PER_PAGE * SPARK_BYTES));
    this.page(slot).fill(0, this.start(slot), this.start(slot) + HEAD_BYTES);
    return slot;
  }

  release(slot: number): void {
    this.free.push(slot);
  }

  add(slot: number, outcome: VerdictOutcome, elapsedUs: number): void {
    const page = this.page(slot);
    const start = this.start(slot);
    const next = page[start + 1] ?? 0;
    const at = start + HEAD_BYTES + next * SPARK_POINT_BYTES;
    page[at] = OUTCOMES.indexOf(outcome);
    const code = durationCode(elapsedUs);
    page[at + 1] = code >> 8;
    page[at + 2] = code & 0xff;
    page[start] = Math.min(SPARK_POINTS, (page[start] ?? 0) + 1);
    page[start + 1] = (next + 1) % SPARK_POINTS;
  }

  /** For `readSpark`, the oldest point first. */
  base64(slot: number): string {
    const page = this.page(slot);
    const start = this.start(slot);
    const points = start + HEAD_BYTES;
    const [count = 0, next = 0] = page.subarray(start, points);
    if (count < SPARK_POINTS) return page.toString('base64', points, points + count * SPARK_POINT_BYTES);
    const oldest = points + next * SPARK_POINT_BYTES;
    // Three bytes are four characters, so that both parts can be joined.
    return page.toString('base64', oldest, start + SPARK_BYTES) + page.toString('base64', points, oldest);
  }

  private page(slot: number): Buffer {
    return this.pages[Math.floor(slot / PER_PAGE)] as Buffer;
  }

  private start(slot: number): number {
    return (slot % PER_PAGE) * SPARK_BYTES;
  }
}
