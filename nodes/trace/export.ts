/** The export: every toggle that matches, as JSON lines or for Wireshark, as fast as the client reads it. */
import { setImmediate } from 'node:timers/promises';
import { jsonLine } from '../../src/printable';
import type { ExportFormat } from '../../src/trace/answers';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';
import { PcapngWriter } from '../../src/trace/pcapng';
import type { AdminResponse } from '../red';

const FORMATS = {
  jsonl: { type: 'application/x-ndjson', extension: 'jsonl' },
  pcapng: { type: 'application/x-pcapng', extension: 'pcapng' },
} as const satisfies Record<ExportFormat, object>;

/** Toggles that are written at once. */
const SLICE = 25;

export async function writeExport(
  response: AdminResponse,
  format: ExportFormat,
  timelines: Iterable<ToggleTimeline>,
): Promise<void> {
  const { type, extension } = FORMATS[format];
  const name = `phase0-${new Date().toISOString().replaceAll(/[:.]/g, '-')}.${extension}`;
  response.set({
    'content-type': type,
    'content-disposition': `attachment; filename="${name}"`,
    'cache-control': 'no-store',
  });
  let isClosed = false;
  response.on('close', () => {
    isClosed = true;
  });
  let count = 0;
  for (const chunk of chunksOf(format, timelines)) {
    if (isClosed) return;
    count += 1;
    if (!response.write(chunk)) await drained(response);
    else if (count % SLICE === 0) await setImmediate();
  }
  response.end();
}

function* chunksOf(format: ExportFormat, timelines: Iterable<ToggleTimeline>): Generator<string | Uint8Array> {
  if (format === 'jsonl') {
    for (const timeline of timelines) yield `${jsonLine(timeline)}\n`;
    return;
  }
  const writer = new PcapngWriter();
  yield writer.header();
  for (const timeline of timelines) {
    const packets = writer.toggle(timeline);
    if (packets.length > 0) yield packets;
  }
}

/** A client that is gone reads nothing more. */
function drained(response: AdminResponse): Promise<void> {
  return new Promise((resolve) => {
    const settle = (): void => {
      response.off('drain', settle);
      response.off('close', settle);
      resolve();
    };
    response.on('drain', settle);
    response.on('close', settle);
  });
}
