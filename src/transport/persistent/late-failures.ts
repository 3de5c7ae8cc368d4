/** What a request fails with when one of its deadlines passes, in words and with the cause. Pure. */
import type { StepFailure } from '../transport';
import type { Connector } from './connector';
import type { PendingRequest } from './pending-request';
import type { Session } from './session';

/** No connection was made in time. */
export function noConnection(
  timeoutMs: number,
  { lastProblem, session }: Pick<Connector, 'lastProblem' | 'session'>,
): StepFailure {
  const why = lastProblem === undefined ? '' : `: ${lastProblem.error}`;
  return {
    failure: 'connection_failed',
    error: `no connection within ${timeoutMs} ms${why}`,
    // What the last connection failed with is not why the one under way is late.
    cause: session?.lateCause ?? lastProblem?.cause ?? 'no_answer_to_connect',
  };
}

/** The connection is open, and took other packets all the time. */
export function noRoom(timeoutMs: number): StepFailure {
  const error = `not sent within ${timeoutMs} ms: other toggles occupy the connection`;
  return { failure: 'send_failed', error, cause: 'connection_busy' };
}

/** The operating system did not take the packet. */
export function notSent(timeoutMs: number): StepFailure {
  return { failure: 'send_failed', error: `not sent within ${timeoutMs} ms`, cause: 'send_stuck' };
}

export function noReply(
  timeoutMs: number,
  { isInsideReply }: Pick<Session, 'isInsideReply'>,
  { sawOtherMsgId }: Pick<PendingRequest<Session>, 'sawOtherMsgId'>,
): StepFailure {
  const cause = sawOtherMsgId ? 'other_msg_id' : isInsideReply ? 'reply_incomplete' : 'no_reply';
  return { failure: 'timeout', error: `no reply within ${timeoutMs} ms`, cause };
}
