/** Lines of phase0-worker: what its devices did, and how it stands with the broker. */
import type { Observer } from '../observer';
import { packetLog } from '../observers/packet-log';
import { printable } from '../printable';
import type { WorkerObserver } from '../worker-observer';
import type { CliContext } from './cli-context';
import type { DroppedLines } from './dropped-lines';
import { Log, verdictLog, type FormatLine } from './log';

/** Lines for people. Errors may hold text from outside. */
export const workerText: FormatLine = ({ ts, message }) => `${String(ts).slice(11, 19)} ${printable(String(message))}`;

/** As JSON, packets and verdicts as the other commands write them; some are left out when nobody reads them in time. */
export function deviceLines(log: Log, dropped: DroppedLines, context: CliContext): readonly Observer[] {
  // Building the lines of packets that nobody sees would cost the most.
  if (!log.shows('WARNING')) return [];
  const guarded = new Log((line) => dropped.log(() => context.line(line)), log.threshold);
  return [packetLog((line, level) => guarded.line(line, level)), verdictLog(guarded)];
}

/** For people, only what was not confirmed. */
export function deviceFailures(log: Log, dropped: DroppedLines): readonly Observer[] {
  const verdict: Observer['verdict'] = ({ deviceId, outcome, error = '' }) => {
    if (outcome === 'confirmed') return;
    dropped.log(() => log.event('WARNING', 'verdict', `${deviceId} ${outcome}: ${error}`));
  };
  return [{ verdict }];
}

export function workerLines(log: Log): WorkerObserver {
  return {
    brokerConnected: (connected) =>
      log.event(
        connected ? 'INFO' : 'WARNING',
        'broker',
        connected ? 'Connected to the broker' : 'No connection to the broker',
        { connected },
      ),
    partitionConsumed: (partition, consumed) =>
      log.event('INFO', 'partition', `${consumed ? 'Consumes' : 'Leaves'} ${partition}`, { partition, consumed }),
    deadLettered: () => log.event('WARNING', 'dead_letter', 'The broker gave a command up'),
  };
}
