/** Conversion of a verdict into output messages and an error. Pure. */
import type { AttemptReport } from '../../src/observer';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { Source } from '../delivery';
import { leaveOldError } from '../old-error';
import type { Message } from '../red';
import { copyMessage, propertyOf } from '../unsafe-values';

/** The input message with its verdict: to output 1 when confirmed, otherwise to output 2, with `text` as well. */
export function verdictOutputs(msg: Message, verdict: Verdict, text: () => string, source: Source): (Message | null)[] {
  const output = copyMessage(msg);
  output.attempts = verdict.attempts;
  output.phase0 = verdict;
  if (verdict.outcome !== 'confirmed') {
    output.error = { code: verdict.reason, message: text(), source };
    return [null, output, null];
  }
  leaveOldError(output);
  output.payload = confirmedState(verdict);
  return [output, null, null];
}

/** The message for output 3 after an attempt. */
export function attemptOutputs(msg: Message, report: AttemptReport): (Message | null)[] {
  const { error: _, cause: _cause, ...phase0 } = report;
  const attempt: Message = { payload: report.attempt, topic: report.deviceId, phase0 };
  const id = propertyOf(msg, '_msgid');
  if (id !== undefined) attempt._msgid = id as string;
  return [null, null, attempt];
}

/** The verdict, with its text, as an error to raise; `code` is its reason. */
export function verdictError(verdict: Verdict, text: string): Error {
  return Object.assign(new Error(text), { code: verdict.reason });
}
