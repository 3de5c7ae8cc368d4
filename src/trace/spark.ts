/** Sparkline of a device in few bytes: three for each toggle, the oldest first. Browser-safe. */
import { VERDICT_OUTCOMES } from '../outcomes';
import type { SparkPoint } from './answers';
import { fromBase64 } from './base64';

/** Toggles that a sparkline has. */
export const SPARK_POINTS = 60;
/** An outcome, and its duration in 16 bits. */
export const SPARK_POINT_BYTES = 3;

/** In the order of their numbers in what is recorded. */
export const OUTCOMES = VERDICT_OUTCOMES;

/** Logarithmic, so that 0.1 ms and an hour both have a place; off by 0.02 % at most. */
const STEPS_PER_DOUBLING = 2048;

/** The duration as 16 bits. */
export function durationCode(us: number): number {
  return Math.min(0xffff, Math.round(Math.log2(1 + Math.max(0, us)) * STEPS_PER_DOUBLING));
}

/** Reads the `spark` of a device's summary. */
export function readSpark(spark: string): SparkPoint[] {
  const bytes = fromBase64(spark);
  const points: SparkPoint[] = [];
  for (let at = 0; at + SPARK_POINT_BYTES <= bytes.length; at += SPARK_POINT_BYTES) {
    const code = ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const outcome = OUTCOMES[bytes[at] ?? 0] ?? 'dropped';
    points.push({ outcome, us: Math.round(2 ** (code / STEPS_PER_DOUBLING) - 1) });
  }
  return points;
}
