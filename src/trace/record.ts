/** Records of toggles: written as few bytes at the verdict, read as timelines when somebody asks. */
import type { AttemptOutcome, Cause, VerdictReason } from '../outcomes';
import type { Verdict } from '../verdict';
import type { DeviceAddress, StepKind, ToggleTimeline, TraceStep, TracedAttempt } from './answers';
import { ByteReader } from './byte-reader';
import { ByteWriter, MAX_TEXT_BYTES } from './byte-writer';
import { CodeWords } from './code-words';
import { MAX_BYTES, MAX_STEPS, type OpenStep, type OpenToggle } from './open-toggle';
import { OUTCOMES } from './spark';
import type { ReplyPolicy, TracedSettings } from './trace-owner';

/** What a record says besides the toggle itself. */
export interface RecordHead {
  /** Number of the device's trace, so that a device that is gone takes its records with it. */
  readonly traceId: number;
  /** ms since 1970. */
  readonly askedAtMs: number;
  readonly nodeId: string;
  readonly settings: TracedSettings;
}

const MAX_ATTEMPTS = 10;
const HEAD_BYTES = 64 + 7 * MAX_TEXT_BYTES;
const ATTEMPT_BYTES = 20 + MAX_TEXT_BYTES;
const STEP_BYTES = 25;
/** No record is larger. */
export const MAX_RECORD_BYTES = HEAD_BYTES + MAX_ATTEMPTS * ATTEMPT_BYTES + MAX_STEPS * STEP_BYTES + MAX_BYTES;

/** Bits of a flag byte. */
const HAS_STATE = 1;
const STATE = 2;
const HAS_REPORTED = 4;
const REPORTED = 8;
const TLS = 16;

/** The part of a record that filters look at. */
export interface RecordKey {
  readonly traceId: number;
  readonly outcome: ToggleTimeline['outcome'];
}

export class RecordCodec {
  private readonly writer = new ByteWriter();
  private readonly words = new CodeWords();

  /** Room for the record of a toggle. */
  roomFor(open: OpenToggle): number {
    return HEAD_BYTES + open.attempts.length * ATTEMPT_BYTES + open.steps.length * STEP_BYTES + open.keptBytes;
  }

  /** Returns where the record ends. */
  write(bytes: Buffer, start: number, head: RecordHead, open: OpenToggle, verdict: Verdict): number {
    const { writer, words } = this;
    const { address, reply } = head.settings;
    writer.into(bytes, start);
    writer.u32(head.traceId);
    writer.u8(OUTCOMES.indexOf(verdict.outcome));
    writer.u8(flagsOf(verdict, address));
    writer.u8(words.codeOf(verdict.reason));
    writer.u8(words.codeOf(verdict.cause));
    writer.u8(words.codeOf(reply));
    writer.u16(address?.port ?? 0);
    writer.f64(head.askedAtMs);
    writer.f64(verdict.elapsedMs);
    writer.text(head.nodeId);
    writer.text(verdict.deviceId);
    writer.text(verdict.msgId);
    writer.text(open.requester);
    writer.text(open.requestId);
    writer.text(verdict.error ?? '');
    writer.text(address?.host ?? '');
    writer.text(verdict.worker ?? '');
    const attempts = open.attempts.slice(0, MAX_ATTEMPTS);
    writer.u8(attempts.length);
    for (const { attempt, at, end, report } of attempts) {
      writer.u8(attempt);
      writer.f64(at - open.askedAt);
      writer.f64(end - open.askedAt);
      writer.u8(words.codeOf(report?.outcome));
      writer.u8(words.codeOf(report?.cause));
      writer.text(report?.error ?? '');
    }
    writer.u8(open.wasQueued ? 1 : 0);
    writer.u16(Math.min(open.stepsCut, 0xffff));
    writer.u8(open.steps.length);
    for (const step of open.steps) this.writeStep(step, open.askedAt);
    return writer.at;
  }

  readKey(bytes: Buffer, start: number): RecordKey {
    return { traceId: bytes.readUInt32LE(start), outcome: OUTCOMES[bytes.readUInt8(start + 4)] ?? 'dropped' };
  }

  /** `key` is the key of the device. */
  read(bytes: Buffer, start: number, seq: number, key: string | undefined): ToggleTimeline {
    const { words } = this;
    const reader = new ByteReader(bytes, start);
    reader.u32();
    const outcome = OUTCOMES[reader.u8()] ?? 'dropped';
    const flags = reader.u8();
    const reason = words.wordOf(reader.u8()) as VerdictReason | undefined;
    const cause = words.wordOf(reader.u8()) as Cause | undefined;
    const reply = words.wordOf(reader.u8()) as ReplyPolicy | undefined;
    const port = reader.u16();
    const at = Math.round(reader.f64() * 1000) / 1000;
    const elapsedUs = toUs(reader.f64());
    const nodeId = reader.text();
    const deviceId = reader.text();
    const msgId = reader.text();
    const who = requesterOf(reader.text(), reader.text());
    const error = reader.text();
    const host = reader.text();
    const worker = reader.text();
    const attempts = Array.from({ length: reader.u8() }, () => this.readAttempt(reader));
    const wasQueued = reader.u8() === 1;
    const stepsCut = reader.u16();
    const steps = Array.from({ length: reader.u8() }, () => readStep(reader));
    return {
      seq,
      ...(key !== undefined && { key }),
      nodeId,
      deviceId,
      msgId,
      at,
      ...(who && { who }),
      ...((flags & HAS_STATE) !== 0 && { state: (flags & STATE) !== 0 }),
      outcome,
      ...(reason && { reason }),
      ...(cause && { cause }),
      ...(error !== '' && { error }),
      ...((flags & HAS_REPORTED) !== 0 && { reportedState: (flags & REPORTED) !== 0 }),
      elapsedUs,
      attempts,
      steps: [
        { kind: 'asked', at: 0 },
        ...(wasQueued ? [{ kind: 'queued', at: 0, us: attempts[0]?.at ?? elapsedUs } as const] : []),
        ...steps,
        { kind: 'verdict', at: elapsedUs },
      ],
      ...(stepsCut > 0 && { stepsCut }),
      ...(host !== '' && { address: { host, port, tls: (flags & TLS) !== 0 } }),
      ...(reply && { reply }),
      ...(worker !== '' && { worker }),
    };
  }

  private writeStep({ kind, at, attempt, end, bytes, length }: OpenStep, askedAt: number): void {
    const { writer } = this;
    writer.u8(STEP_KINDS.indexOf(kind));
    writer.u8(attempt);
    writer.f64(at - askedAt);
    writer.f64(end - at);
    writer.u32(Math.min(length, 0xffffffff));
    writer.copy(bytes);
  }

  private readAttempt(reader: ByteReader): TracedAttempt {
    const attempt = reader.u8();
    const at = toUs(reader.f64());
    const end = toUs(reader.f64());
    // One that a bug of an observer has kept from its end was cancelled for all that is known.
    const outcome = (this.words.wordOf(reader.u8()) as AttemptOutcome | undefined) ?? 'cancelled';
    const cause = this.words.wordOf(reader.u8()) as Cause | undefined;
    const error = reader.text();
    return { attempt, at, end, outcome, ...(cause && { cause }), ...(error !== '' && { error }) };
  }
}

const STEP_KINDS: readonly StepKind[] = ['connect', 'send', 'bytes_out', 'bytes_in', 'reply', 'retry_wait'];

function readStep(reader: ByteReader): TraceStep {
  const kind = STEP_KINDS[reader.u8()] ?? 'reply';
  const attempt = reader.u8();
  const at = toUs(reader.f64());
  const us = toUs(reader.f64());
  const length = reader.u32();
  const base64 = reader.base64();
  const kept = (base64.length / 4) * 3 - (base64.endsWith('==') ? 2 : base64.endsWith('=') ? 1 : 0);
  const hasBytes = kind === 'bytes_out' || kind === 'bytes_in';
  return {
    kind,
    at,
    ...(Number.isNaN(us) ? {} : { us }),
    attempt,
    ...(hasBytes && { bytes: base64 }),
    ...(length > kept && { length }),
  };
}

function flagsOf({ state, reportedState }: Verdict, address: DeviceAddress | undefined): number {
  const requested = state === undefined ? 0 : HAS_STATE | (state ? STATE : 0);
  const reported = reportedState === undefined ? 0 : HAS_REPORTED | (reportedState ? REPORTED : 0);
  return requested | reported | (address?.tls ? TLS : 0);
}

function requesterOf(nodeId: string, msgid: string): ToggleTimeline['who'] {
  return nodeId === '' ? undefined : { nodeId, ...(msgid !== '' && { msgid }) };
}

function toUs(ms: number): number {
  return Math.round(ms * 1000);
}
