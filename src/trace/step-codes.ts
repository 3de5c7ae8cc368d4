/** Numbers of the entries of a log: of the steps, and of an attempt as a whole. */
import type { StepKind } from './toggle-timeline';

export const STEP_KINDS = [
  'connect',
  'send',
  'bytes_out',
  'bytes_in',
  'reply',
  'retry_wait',
] as const satisfies StepKind[];

export const CONNECT = 0;
export const SEND = 1;
export const BYTES_OUT = 2;
export const BYTES_IN = 3;
export const REPLY = 4;
export const RETRY_WAIT = 5;
export const ATTEMPT = 6;

/** What every entry begins with: its number, the attempt, and when it began and was over. */
export const ENTRY_BYTES = 18;
/** Where in an entry stands when it was over. */
export const END_AT = 10;
/** What the bytes of a step begin with: how many there were, and how many are kept. */
export const PIECE_BYTES = 6;
/** What an attempt has besides its error: its outcome and its cause. */
export const ATTEMPT_BYTES = 2;
