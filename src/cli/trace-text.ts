/** Traces for people: timelines of toggles, and packets byte by byte with their fields. In colour if wanted. */
import { printable } from '../printable';
import type { ToggleTimeline, TraceStep } from '../trace/toggle-timeline';
import { attemptBytes } from '../trace/attempt-bytes';
import { dissect, faultWords, type Dissection, type DissectOptions } from '../trace/dissect';

const COLOURS = { bold: 1, red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36, grey: 90 } as const;
type Colour = keyof typeof COLOURS;
/** Paints text, or leaves it as it is. */
export type Paint = (colour: Colour, text: string) => string;

const COLOUR_OF_FIELD = {
  magic: 'magenta',
  version: 'yellow',
  length: 'cyan',
  payload: 'green',
  excess: 'grey',
  ack: 'green',
  padding: 'grey',
  raw: 'bold',
} as const satisfies Record<string, Colour>;

const BYTES_PER_LINE = 16;
/** Bytes of a packet that are shown. */
const MAX_SHOWN = 512;
const INDENT = ' '.repeat(14);

/** Terminals get colours, unless NO_COLOR says otherwise; pipes and files never do. */
export function paintFor(stream: { readonly isTTY?: boolean; hasColors?(): boolean }): Paint {
  const hasColours = stream.isTTY === true && stream.hasColors?.() === true;
  return (colour, text) => (hasColours ? `\u001b[${COLOURS[colour]}m${text}\u001b[0m` : text);
}

export function timelineText(timeline: ToggleTimeline, paint: Paint): string {
  const { deviceId, msgId, state, outcome, reason, error, steps } = timeline;
  const wanted = state === undefined ? '' : state ? ' on' : ' off';
  const lines = [paint('bold', `${printable(deviceId)}${wanted}, toggle ${printable(msgId)}`)];
  for (const [index, step] of steps.entries()) {
    const { kind, at, us, attempt } = step;
    if (kind === 'verdict') break;
    if (kind === 'retry_wait') lines.push(...failureOf(timeline, attempt, paint));
    const duration = us === undefined ? '' : paint('grey', ` for ${milliseconds(us)} ms`);
    const number = attempt === undefined ? '' : `#${attempt} `;
    const size = kind === 'bytes_out' || kind === 'bytes_in' ? ` ${sizeOf(step)} bytes` : '';
    lines.push(`${timeOf(at)}  ${number}${kind.replace('_', ' ')}${size}${duration}`);
    if (isLastPiece(steps, index)) lines.push(...bytesOf(timeline, step, paint));
  }
  lines.push(...failureOf(timeline, timeline.attempts.at(-1)?.attempt, paint));
  const colour = outcome === 'confirmed' ? 'green' : 'red';
  const why = reason === undefined ? '' : ` (${reason})${because(error)}`;
  lines.push(paint(colour, `${timeOf(timeline.elapsedUs)}  ${outcome}${why}`));
  return lines.join('\n');
}

/** How an attempt failed, if it did. */
function failureOf({ attempts }: ToggleTimeline, wanted: number | undefined, paint: Paint): string[] {
  const failed = attempts.find(({ attempt, outcome }) => attempt === wanted && outcome !== 'success');
  if (!failed) return [];
  const { attempt, end, outcome, error } = failed;
  return [paint('yellow', `${timeOf(end)}  #${attempt} ${outcome}${because(error)}`)];
}

/** A packet, with what it is and what is wrong with it. */
export function packetText(bytes: Uint8Array, length: number, options: DissectOptions, paint: Paint): string[] {
  const dissection = dissect(bytes, { ...options, length });
  const lines = hexLines(bytes.subarray(0, MAX_SHOWN), dissection, paint);
  const names = dissection.fields.map(({ name, start, end }) =>
    paint(COLOUR_OF_FIELD[name], `${name} ${end === start + 1 ? start : `${start}–${end - 1}`}`),
  );
  if (names.length > 0) lines.push(`${INDENT}${names.join(', ')}`);
  if (length > MAX_SHOWN) lines.push(`${INDENT}${length - Math.min(bytes.length, MAX_SHOWN)} more bytes`);
  if (dissection.fault) lines.push(paint('red', `${INDENT}${faultWords(dissection.fault)}`));
  return lines;
}

function bytesOf(timeline: ToggleTimeline, { kind, attempt = 1 }: TraceStep, paint: Paint): string[] {
  const direction = kind === 'bytes_out' ? 'request' : 'reply';
  const { bytes, length } = attemptBytes(timeline.steps, attempt, kind === 'bytes_out' ? kind : 'bytes_in');
  const { reply, msgId } = timeline;
  return packetText(bytes, length, { direction, msgId, ...(reply && { reply }) }, paint);
}

/** The wrong byte stands in brackets, since colours do not go through a pipe. */
function hexLines(bytes: Uint8Array, { fields, fault }: Dissection, paint: Paint): string[] {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += BYTES_PER_LINE) {
    let hex = '';
    let text = '';
    for (let index = at; index < at + BYTES_PER_LINE; index += 1) {
      const byte = bytes[index];
      const name = fields.find(({ start, end }) => index >= start && index < end)?.name ?? 'raw';
      const colour = index === fault?.at ? 'red' : COLOUR_OF_FIELD[name];
      const pair = byte === undefined ? '  ' : paint(colour, byte.toString(16).padStart(2, '0'));
      hex += index === fault?.at && byte !== undefined ? `[${pair}]` : ` ${pair} `;
      if (byte !== undefined) text += byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
    }
    lines.push(`${paint('grey', `${INDENT}${at.toString(16).padStart(4, '0')}`)} ${hex} ${text}`);
  }
  return lines;
}

/** Pieces of a reply are shown together, after the last one. */
function isLastPiece(steps: readonly TraceStep[], index: number): boolean {
  const { kind, attempt } = steps[index] as TraceStep;
  if (kind === 'bytes_out') return true;
  const isPiece = (step: TraceStep) => step.kind === 'bytes_in' && step.attempt === attempt;
  return kind === 'bytes_in' && !steps.slice(index + 1).some(isPiece);
}

function sizeOf({ bytes = '', length }: TraceStep): number {
  return length ?? Buffer.byteLength(bytes, 'base64');
}

function because(error: string | undefined): string {
  return error === undefined ? '' : `: ${printable(error)}`;
}

function timeOf(us: number): string {
  return `${milliseconds(us).padStart(9)} ms`;
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(us < 10_000 ? 2 : 1);
}
