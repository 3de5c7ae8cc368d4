/** Routes of the packet trace: what the sidebar asks for, and the export. */
import type { DevicesAnswer } from '../../src/trace/answers';
import type { TraceRecorder } from '../../src/trace/recorder';
import type { FoundToggles } from '../../src/trace/toggles-answer';
import { onGet, onPost, refuse } from '../admin';
import type { AdminResponse, NodeApi } from '../red';
import { traceRecorder } from '../trace';
import { runAction } from './action';
import { answerDevice } from './device-settings';
import { writeExport } from './export';
import { LongPolls } from './long-polls';
import { BadQuery, Query, type TracePath } from './query';
import { writeAnswer } from './write-answer';

const added = new WeakSet<NodeApi['httpAdmin']>();

/** Adds them once, whichever node is loaded first. */
export function addTraceRoutes(RED: NodeApi): void {
  if (added.has(RED.httpAdmin)) return;
  added.add(RED.httpAdmin);
  const polls = new LongPolls();

  /** Answers a query that is not understood with what is wrong with it. */
  const onQuery = (path: TracePath, answer: (query: Query, response: AdminResponse) => void): void => {
    onGet(RED, 'phase0', path, ({ url }, response) => {
      try {
        answer(new Query(path, url), response);
      } catch (error) {
        if (!(error instanceof BadQuery)) throw error;
        refuse(response, 400, error.message);
      }
    });
  };

  /** Answers at once if there is something new, else when there is, or the wait is over. */
  const onPoll = <Asked, Answer extends DevicesAnswer | FoundToggles>(
    path: TracePath,
    off: object,
    read: (query: Query) => Asked,
    ask: (recorder: TraceRecorder, asked: Asked) => Answer,
    isNews: (answer: Answer) => boolean,
  ): void => {
    onQuery(path, (query, response) => {
      const { wait } = query;
      const asked = read(query);
      const recorder = traceRecorder(RED);
      if (!recorder) return response.json({ ...off, now: Date.now() });
      void polls
        .answer(wait, response, () => ask(recorder, asked), isNews)
        .then((answer) => answer && writeAnswer(response, answer))
        .catch((bug: Error) => fail(RED, response, bug));
    });
  };

  onPoll(
    'devices',
    { cursor: '', reset: true, more: false, devices: [], removed: [], traceBytes: 0, hidden: 0 },
    ({ since }) => since,
    (recorder, since) => recorder.devices(since),
    ({ reset, devices, removed }) => reset || devices.length > 0 || removed.length > 0,
  );
  onQuery('device', ({ key }, response) => {
    const answer = answerDevice(RED, key);
    if (answer) response.json(answer);
    else refuse(response, 404, 'there is no such device');
  });
  onPoll(
    'toggles',
    { cursor: '', reset: true, more: false, toggles: [], dropped: 0 },
    ({ filter }) => filter,
    (recorder, filter) => recorder.find(filter),
    ({ reset, toggles, dropped }) => reset || toggles.length > 0 || dropped > 0,
  );

  onQuery('export', ({ format, filter }, response) => {
    const timelines = traceRecorder(RED)?.timelines(filter) ?? [];
    void writeExport(response, format, timelines).catch((bug: Error) => fail(RED, response, bug));
  });

  onPost(RED, 'phase0', 'action', runAction(RED));
}

function fail(RED: NodeApi, response: AdminResponse, bug: Error): void {
  RED.log.error(`phase0: trace: ${bug.stack}`);
  response.end();
}
