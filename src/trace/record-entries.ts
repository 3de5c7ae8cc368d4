/** The entries of a record, read: the attempts of its toggle, and their steps. `OpenToggle` writes them. */
import type { AttemptOutcome, Cause } from '../outcomes';
import type { TraceStep, TracedAttempt } from './answers';
import type { ByteReader } from './byte-reader';
import type { CodeWords } from './code-words';
import { ATTEMPT, BYTES_IN, BYTES_OUT, STEP_KINDS } from './step-codes';

export interface Entries {
  readonly attempts: TracedAttempt[];
  readonly steps: TraceStep[];
}

/** Reads to the end. */
export function readEntries(reader: ByteReader, words: CodeWords): Entries {
  const attempts: TracedAttempt[] = [];
  const steps: TraceStep[] = [];
  while (!reader.isAtEnd) {
    const code = reader.u8();
    const attempt = reader.u8();
    const at = toUs(reader.f64());
    const end = toUs(reader.f64());
    if (code === ATTEMPT) attempts.push(readAttempt(reader, words, { attempt, at, end }));
    else steps.push(readStep(reader, code, { attempt, at, end }));
  }
  return { attempts, steps };
}

export function toUs(ms: number): number {
  return Math.round(ms * 1000);
}

type Times = Pick<TracedAttempt, 'attempt' | 'at' | 'end'>;

function readAttempt(reader: ByteReader, words: CodeWords, times: Times): TracedAttempt {
  // One that a bug of an observer has kept from its end was cancelled for all that is known.
  const outcome = (words.wordOf(reader.u8()) as AttemptOutcome | undefined) ?? 'cancelled';
  const cause = words.wordOf(reader.u8()) as Cause | undefined;
  const error = reader.text();
  return { ...times, outcome, ...(cause && { cause }), ...(error !== '' && { error }) };
}

function readStep(reader: ByteReader, code: number, { attempt, at, end }: Times): TraceStep {
  const hasBytes = code === BYTES_OUT || code === BYTES_IN;
  return {
    kind: STEP_KINDS[code] ?? 'reply',
    at,
    ...(Number.isNaN(end) ? {} : { us: end - at }),
    attempt,
    ...(hasBytes && readPiece(reader)),
  };
}

function readPiece(reader: ByteReader): Pick<TraceStep, 'bytes' | 'length'> {
  const length = reader.u32();
  const kept = reader.u16();
  return { bytes: reader.base64(kept), ...(length > kept && { length }) };
}
