/** Bytes as lines of hex and text, with runs that belong to the same field, and the wrong byte by itself. Pure. */
import type { Dissection } from '../../../src/trace/dissect';

type FieldName = Dissection['fields'][number]['name'];

export interface HexRun {
  readonly field?: FieldName;
  readonly isFault: boolean;
  /** Such as `f0 0d`. */
  readonly hex: string;
  /** One character for each byte; a dot for what is not printable ASCII. */
  readonly text: string;
}

export interface HexLine {
  /** Of the first byte, as four hex digits. */
  readonly offset: string;
  readonly runs: readonly HexRun[];
}

const BYTES_A_LINE = 8;
/** More lines than that are not shown: the export has them. */
const MAX_BYTES = 2048;

export function hexLines(bytes: Uint8Array, { fields, fault }: Dissection): readonly HexLine[] {
  const lines: HexLine[] = [];
  const nameAt = (at: number) => fields.find(({ start, end }) => at >= start && at < end)?.name;
  const shown = bytes.subarray(0, MAX_BYTES);
  for (let offset = 0; offset < shown.length; offset += BYTES_A_LINE) {
    const line = shown.subarray(offset, offset + BYTES_A_LINE);
    lines.push({ offset: offset.toString(16).padStart(4, '0'), runs: runsOf(line, offset, nameAt, fault?.at) });
  }
  // A byte that is missing after the last one has a place of its own.
  if (fault && fault.at === bytes.length && bytes.length <= MAX_BYTES) {
    const missing: HexRun = { isFault: true, hex: '__', text: ' ' };
    const last = lines[lines.length - 1];
    if (last && bytes.length % BYTES_A_LINE !== 0) lines[lines.length - 1] = { ...last, runs: [...last.runs, missing] };
    else lines.push({ offset: bytes.length.toString(16).padStart(4, '0'), runs: [missing] });
  }
  return lines;
}

function runsOf(
  line: Uint8Array,
  offset: number,
  nameAt: (at: number) => FieldName | undefined,
  faultAt: number | undefined,
): readonly HexRun[] {
  const runs: HexRun[] = [];
  line.forEach((byte, index) => {
    const [field, isFault] = [nameAt(offset + index), offset + index === faultAt];
    const hex = byte.toString(16).padStart(2, '0');
    const text = byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '·';
    const last = runs[runs.length - 1];
    if (last && last.field === field && last.isFault === isFault)
      runs[runs.length - 1] = { ...last, hex: `${last.hex} ${hex}`, text: last.text + text };
    else runs.push({ ...(field && { field }), isFault, hex, text });
  });
  return runs;
}
