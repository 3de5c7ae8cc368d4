/** The entries of a record, read: the attempts of its toggle, and their steps. `OpenToggle` writes them. */
import type { AttemptOutcome, Cause } from '../outcomes';
import type { TraceStep, TracedAttempt } from './toggle-timeline';
import type { ByteReader } from './byte-reader';
import type { CodeWords } from './code-words';
import { ATTEMPT, BYTES_IN, BYTES_OUT, STEP_KINDS } from './step-codes';

export interface Entries {
  readonly attempts: TracedAttempt[];
  readonly steps: TraceStep[];
}

type Piece = Pick<TraceStep, 'bytes' | 'length'>;
type AttemptResult = Pick<TracedAttempt, 'outcome' | 'cause' | 'error'>;

/** Times in µs after the toggle was asked for; `end` is NaN of what takes no time, or did not end. */
interface Entry {
  readonly code: number;
  readonly attempt: number;
  at: number;
  end: number;
  readonly result: AttemptResult | undefined;
  readonly piece: Piece | undefined;
}

/** Reads to the end. */
export function readEntries(reader: ByteReader, words: CodeWords, elapsedUs: number): Entries {
  const entries: Entry[] = [];
  while (!reader.isAtEnd) entries.push(readEntry(reader, words));
  limitTimes(entries, elapsedUs);
  const attempts: TracedAttempt[] = [];
  const steps: TraceStep[] = [];
  for (const { code, attempt, at, end, result, piece } of entries) {
    if (result) attempts.push(Object.assign({ attempt, at, end }, result));
    else steps.push(Object.assign(stepOf(STEP_KINDS[code] ?? 'reply', at, end), { attempt }, piece));
  }
  return { attempts, steps };
}

export function toUs(ms: number): number {
  return Math.round(ms * 1000);
}

/** Property by property: on Node.js 20 it takes microseconds to add one to what a spread has made. */
function stepOf(kind: TraceStep['kind'], at: number, end: number): TraceStep {
  return Number.isNaN(end) ? { kind, at } : { kind, at, us: end - at };
}

function readEntry(reader: ByteReader, words: CodeWords): Entry {
  const code = reader.u8();
  return {
    code,
    attempt: reader.u8(),
    at: toUs(reader.f64()),
    end: toUs(reader.f64()),
    result: code === ATTEMPT ? readResult(reader, words) : undefined,
    piece: code === BYTES_OUT || code === BYTES_IN ? readPiece(reader) : undefined,
  };
}

/**
 * Nothing is later than what was written after it. The core began to measure before the recorder heard of the beginning
 * and read its clock, so what ends by that measure can seem to end too late.
 */
function limitTimes(entries: readonly Entry[], elapsedUs: number): void {
  let latest = elapsedUs;
  for (const entry of entries.toReversed()) {
    entry.end = Math.min(entry.end, latest);
    entry.at = Math.min(entry.at, latest);
    // An attempt is written when it ends, after its steps.
    latest = entry.code === ATTEMPT ? entry.end : entry.at;
  }
}

function readResult(reader: ByteReader, words: CodeWords): AttemptResult {
  // One that a bug of an observer has kept from its end was cancelled for all that is known.
  const outcome = (words.wordOf(reader.u8()) as AttemptOutcome | undefined) ?? 'cancelled';
  const cause = words.wordOf(reader.u8()) as Cause | undefined;
  const error = reader.text();
  return Object.assign({ outcome }, cause && { cause }, error !== '' && { error });
}

function readPiece(reader: ByteReader): Piece {
  const length = reader.u32();
  const kept = reader.u16();
  const bytes = reader.base64(kept);
  return length > kept ? { bytes, length } : { bytes };
}
