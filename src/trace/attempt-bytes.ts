/** What an attempt sent, or got, in one piece. Browser-safe. */
import type { TraceStep } from './toggle-timeline';
import { fromBase64 } from './base64';

export interface AttemptBytes {
  /** At least the first of them, as far as they were recorded. */
  readonly bytes: Uint8Array;
  /** How many there were. */
  readonly length: number;
}

/**
 * Joins the pieces that came in the attempt, or takes the packet that went out, which may have been sent twice; to be handed
 * to `dissect`.
 */
export function attemptBytes(
  steps: readonly TraceStep[],
  attempt: number,
  kind: 'bytes_out' | 'bytes_in',
): AttemptBytes {
  const pieces = steps
    .filter((step) => step.kind === kind && step.attempt === attempt)
    .slice(kind === 'bytes_out' ? -1 : 0)
    .map((step) => ({ bytes: fromBase64(step.bytes ?? ''), length: step.length }));
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.bytes.length, 0));
  let end = 0;
  let length = 0;
  for (const piece of pieces) {
    bytes.set(piece.bytes, end);
    end += piece.bytes.length;
    length += piece.length ?? piece.bytes.length;
  }
  return { bytes, length };
}
