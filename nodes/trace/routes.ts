/** Routes of the packet trace: what the sidebar asks for, and the export. */
import type { DevicesAnswer, TogglesAnswer } from '../../src/trace/answers';
import type { TraceRecorder } from '../../src/trace/recorder';
import { onGet, onPost, refuse } from '../admin';
import type { AdminResponse, NodeApi } from '../red';
import { traceRecorder } from '../trace';
import { runAction } from './action';
import { exportFormatOf, writeExport } from './export';
import { LongPolls } from './long-polls';
import { readFilter } from './query';
import { writeAnswer } from './write-answer';

const added = new WeakSet<NodeApi['httpAdmin']>();

/** Adds them once, whichever node is loaded first. */
export function addTraceRoutes(RED: NodeApi): void {
  if (added.has(RED.httpAdmin)) return;
  added.add(RED.httpAdmin);
  const polls = new LongPolls();

  /** Answers at once if there is something new, else when there is, or the wait is over. */
  const onPoll = <Answer extends DevicesAnswer | TogglesAnswer>(
    path: string,
    off: object,
    ask: (recorder: TraceRecorder, query: Readonly<Record<string, unknown>>) => Answer,
    isNews: (answer: Answer) => boolean,
  ): void => {
    onGet(RED, 'phase0', path, ({ query }, response) => {
      const recorder = traceRecorder(RED);
      if (!recorder) return response.json({ ...off, now: Date.now() });
      void polls
        .answer(query.wait, response, () => ask(recorder, query), isNews)
        .then((answer) => answer && writeAnswer(response, answer))
        .catch((bug: Error) => fail(RED, response, bug));
    });
  };

  onPoll<DevicesAnswer>(
    'devices',
    { cursor: '', reset: true, more: false, devices: [], removed: [], traceBytes: 0, hidden: 0 },
    (recorder, { since }) => recorder.devices(typeof since === 'string' ? since : undefined),
    ({ reset, devices, removed }) => reset || devices.length > 0 || removed.length > 0,
  );
  onPoll<TogglesAnswer>(
    'toggles',
    { cursor: '', reset: true, more: false, toggles: [], dropped: 0 },
    (recorder, query) => recorder.toggles(readFilter(query)),
    ({ reset, toggles, dropped }) => reset || toggles.length > 0 || dropped > 0,
  );

  onGet(RED, 'phase0', 'export', ({ query }, response) => {
    const format = exportFormatOf(query.format);
    if (!format) return refuse(response, 400, 'format must be jsonl or pcapng');
    const timelines = traceRecorder(RED)?.timelines(readFilter(query)) ?? [];
    void writeExport(response, format, timelines).catch((bug: Error) => fail(RED, response, bug));
  });

  onPost(RED, 'phase0', 'action', runAction(RED));
}

function fail(RED: NodeApi, response: AdminResponse, bug: Error): void {
  RED.log.error(`phase0: trace: ${bug.stack}`);
  response.end();
}
