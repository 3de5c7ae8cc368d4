/** Report of toggles as their traces, each when it has its verdict. */
import type { Observer } from '../observer';
import { jsonLine } from '../printable';
import { TraceRecorder } from '../trace/recorder';
import type { ReplyPolicy } from '../trace/trace-owner';
import { timelineText, type Paint } from './trace-text';

/**
 * Two observers: what records, and after it what writes. With `paint` for people, without it as JSON lines. `replyOf` says
 * how replies of a device are judged; each row of an inventory can have its own way.
 */
export function traceReport(
  write: (line: string) => void,
  replyOf: (deviceId: string) => ReplyPolicy,
  paint?: Paint,
): readonly Observer[] {
  const recorder = new TraceRecorder();
  const settingsOf = (deviceId: string) => ({ reply: replyOf(deviceId) });
  const recording = recorder.observer({
    nodeId: 'phase0-toggle',
    nodeType: 'phase0-device',
    deviceIds: [],
    isComplete: false,
    settingsOf,
  });
  let since = recorder.toggles({}).cursor;
  const writing: Observer = {
    verdict: () => {
      const { toggles, cursor } = recorder.toggles({ since });
      since = cursor;
      for (const timeline of toggles) write(paint ? timelineText(timeline, paint) : jsonLine(timeline));
    },
  };
  return [recording, writing];
}
