/** Records of toggles: written as few bytes at the verdict, read as timelines when somebody asks. */
import type { Cause, VerdictReason } from '../outcomes';
import type { Verdict } from '../verdict';
import type { DeviceAddress, Requester, ToggleTimeline } from './toggle-timeline';
import { ByteReader } from './byte-reader';
import { ByteWriter, MAX_TEXT_BYTES, roomForText } from './byte-writer';
import { CodeWords } from './code-words';
import { MAX_LOG_BYTES } from './open-logs';
import type { OpenToggle } from './open-toggle';
import type { Region } from './region';
import { readEntries, toUs } from './record-entries';
import type { RecordPlace } from './ring';
import { OUTCOMES } from './spark';
import type { ReplyPolicy, TracedSettings } from './trace-owner';
import type { Writable } from './writable';

/** What a record says besides the toggle itself. */
export interface RecordHead {
  /** Number of the device's trace, so that a device that is gone takes its records with it. */
  readonly traceId: number;
  /** Only where it is not that of the trace. */
  readonly deviceId: string;
  /** ms since 1970. */
  readonly askedAtMs: number;
  readonly settings: TracedSettings;
}

/** What a reader of a record knows of its device. */
export interface RecordOwner {
  readonly key: string | undefined;
  readonly nodeId: string;
  readonly deviceId: string;
}

/** Where in the head of a record stands what; it begins with the number of the trace. */
const OUTCOME = 4;
const FLAGS = 5;
const REASON = 6;
const CAUSE = 7;
const REPLY = 8;
const PORT = 9;
const ASKED_AT = 11;
const ELAPSED = 19;
const STEPS_CUT = 27;
/** Besides the texts. */
const HEAD_BYTES = 29;
const TEXTS = 5;
/** No record is larger. */
export const MAX_RECORD_BYTES = HEAD_BYTES + TEXTS * MAX_TEXT_BYTES + MAX_LOG_BYTES;

/** Bits of a flag byte. */
const HAS_STATE = 1;
const STATE = 2;
const HAS_REPORTED = 4;
const REPORTED = 8;
const TLS = 16;
const WAS_QUEUED = 32;

/** The part of a record that filters look at. */
export interface RecordKey {
  readonly traceId: number;
  readonly outcome: ToggleTimeline['outcome'];
}

export class RecordCodec {
  readonly writer = new ByteWriter();
  readonly words = new CodeWords();

  /** Room for the record of a toggle. */
  roomFor({ deviceId, settings }: RecordHead, log: Uint8Array, { msgId, error = '', worker = '' }: Verdict): number {
    const { host = '' } = settings.address ?? {};
    const texts = roomForText(deviceId) + roomForText(msgId) + roomForText(error) + roomForText(worker);
    return HEAD_BYTES + texts + roomForText(host) + log.length;
  }

  /** Returns where the record ends. `open` is undefined of a toggle of which only the verdict is known. */
  write(
    region: Region,
    start: number,
    head: RecordHead,
    open: OpenToggle | undefined,
    log: Uint8Array,
    verdict: Verdict,
  ): number {
    const { words } = this;
    const { address, reply } = head.settings;
    const { view } = region;
    view.setUint32(start, head.traceId, true);
    view.setUint8(start + OUTCOME, OUTCOMES.indexOf(verdict.outcome));
    view.setUint8(start + FLAGS, flagsOf(verdict, address) | (open?.wasQueued ? WAS_QUEUED : 0));
    view.setUint8(start + REASON, words.codeOf(verdict.reason));
    view.setUint8(start + CAUSE, words.codeOf(verdict.cause));
    view.setUint8(start + REPLY, words.codeOf(reply));
    view.setUint16(start + PORT, address?.port ?? 0, true);
    view.setFloat64(start + ASKED_AT, head.askedAtMs, true);
    view.setFloat64(start + ELAPSED, verdict.elapsedMs, true);
    view.setUint16(start + STEPS_CUT, Math.min(open?.stepsCut ?? 0, 0xffff), true);
    const writer = this.writer.into(region, start + HEAD_BYTES);
    writer.text(head.deviceId);
    writer.text(verdict.msgId);
    writer.text(verdict.error ?? '');
    writer.text(address?.host ?? '');
    writer.text(verdict.worker ?? '');
    writer.copy(log);
    return writer.at;
  }

  readKey(bytes: Buffer, start: number): RecordKey {
    return { traceId: bytes.readUInt32LE(start), outcome: OUTCOMES[bytes.readUInt8(start + OUTCOME)] ?? 'dropped' };
  }

  /** Empty where it is that of the trace. */
  readDeviceId({ bytes, start, length }: RecordPlace): string {
    return new ByteReader(bytes, start + HEAD_BYTES, start + length).text();
  }

  read({ seq, bytes, start, length }: RecordPlace, owner: RecordOwner): ToggleTimeline {
    const { words } = this;
    const reader = new ByteReader(bytes, start, start + length);
    reader.u32();
    const outcome = OUTCOMES[reader.u8()] ?? 'dropped';
    const flags = reader.u8();
    const reason = words.wordOf(reader.u8()) as VerdictReason | undefined;
    const cause = words.wordOf(reader.u8()) as Cause | undefined;
    const reply = words.wordOf(reader.u8()) as ReplyPolicy | undefined;
    const port = reader.u16();
    const at = Math.round(reader.f64() * 1000) / 1000;
    const elapsedUs = toUs(reader.f64());
    const stepsCut = reader.u16();
    const deviceId = reader.text() || owner.deviceId;
    const msgId = reader.text();
    const error = reader.text();
    const host = reader.text();
    const worker = reader.text();
    const who = reader.isAtEnd ? undefined : requesterOf(reader.text(), reader.text());
    const { attempts, steps } = readEntries(reader, words, elapsedUs);
    const head: Writable<Omit<ToggleTimeline, 'attempts' | 'steps'>> = {
      seq,
      nodeId: owner.nodeId,
      deviceId,
      msgId,
      at,
      outcome,
      elapsedUs,
    };
    if (owner.key !== undefined) head.key = owner.key;
    if (who) head.who = who;
    if ((flags & HAS_STATE) !== 0) head.state = (flags & STATE) !== 0;
    if (reason) head.reason = reason;
    if (cause) head.cause = cause;
    if (error !== '') head.error = error;
    if ((flags & HAS_REPORTED) !== 0) head.reportedState = (flags & REPORTED) !== 0;
    if (stepsCut > 0) head.stepsCut = stepsCut;
    if (host !== '') head.address = { host, port, tls: (flags & TLS) !== 0 };
    if (reply) head.reply = reply;
    if (worker !== '') head.worker = worker;
    if ((flags & WAS_QUEUED) !== 0) steps.unshift({ kind: 'queued', at: 0, us: attempts[0]?.at ?? elapsedUs });
    steps.unshift({ kind: 'asked', at: 0 });
    steps.push({ kind: 'verdict', at: elapsedUs });
    return Object.assign(head, { attempts, steps });
  }
}

function flagsOf({ state, reportedState }: Verdict, address: DeviceAddress | undefined): number {
  const requested = state === undefined ? 0 : HAS_STATE | (state ? STATE : 0);
  const reported = reportedState === undefined ? 0 : HAS_REPORTED | (reportedState ? REPORTED : 0);
  return requested | reported | (address?.tls ? TLS : 0);
}

function requesterOf(nodeId: string, msgid: string): Requester | undefined {
  if (nodeId === '') return undefined;
  return msgid === '' ? { nodeId } : { nodeId, msgid };
}
