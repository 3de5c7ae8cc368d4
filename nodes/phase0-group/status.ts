/** Statuses of a group node. Pure. */
import { CAUSE_NAMES } from '../../src/cause-names';
import { printable } from '../../src/printable';
import { filled } from '../phrases';
import type { Status } from '../red';
import { firstUnconfirmed, type Ended } from './message';
import { STATUS_TEXTS } from './status-texts';

/** Members that have ended, of those of all messages that are being worked on. */
export function progressStatus(done: number, total: number): Status {
  return { fill: 'blue', shape: 'ring', text: filled(STATUS_TEXTS.count, { done, total }) };
}

export function endedStatus(ended: Ended): Status {
  const { outcome, confirmed, total, elapsedMs } = ended.verdict;
  const count = filled(STATUS_TEXTS.count, { done: confirmed, total });
  if (outcome === 'all') {
    return { fill: 'green', shape: 'dot', text: filled(STATUS_TEXTS.all, { count, ms: Math.round(elapsedMs) }) };
  }
  const first = firstUnconfirmed(ended);
  if (!first) return { fill: 'red', shape: 'ring', text: STATUS_TEXTS.noMembers };
  const more = total - confirmed - 1;
  const reason = first.cause ? CAUSE_NAMES[first.cause] : (first.reason ?? first.outcome);
  const values = { count, deviceId: printable(first.deviceId), reason, more };
  return { fill: 'red', shape: 'dot', text: filled(STATUS_TEXTS[more > 0 ? 'troubles' : 'trouble'], values) };
}
