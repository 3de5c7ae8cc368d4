/** Every outcome, reason and state code of the product. */

/** How one attempt ended (protocol, section 3). */
export type AttemptOutcome =
  | 'success'
  | 'connection_failed'
  | 'send_failed'
  | 'timeout'
  | 'connection_closed'
  | 'bad_reply'
  | 'rejected'
  | 'cancelled';

/** How an attempt ends that did not succeed. */
export type AttemptFailure = Exclude<AttemptOutcome, 'success'>;

/** Why a toggle was never attempted (protocol, section 5). */
export type DropReason =
  | 'superseded'
  | 'expired'
  | 'queue_full'
  | 'cancelled'
  | 'closed'
  | 'circuit_open'
  | 'invalid_state'
  | 'invalid_settings';

/** Who ended a toggle early: its requester (`cancelled`) or the end of its device or node (`closed`). */
export type StopReason = 'cancelled' | 'closed';

/** Outcome of a toggle (protocol, section 5). */
export type VerdictOutcome = 'confirmed' | 'rejected' | 'unknown' | 'failed' | 'dropped';

/** Why a verdict is not `confirmed`: the last attempt's outcome, what stopped it, or why it was dropped. */
export type VerdictReason = AttemptFailure | StopReason | DropReason;

/** A lane's circuit: `open` refuses toggles, `half_open` lets one probe through (protocol, section 6). */
export type CircuitState = 'closed' | 'open' | 'half_open';

/** Why bytes are not a valid packet (protocol, section 1). */
export type DecodeReason =
  | 'bad_magic'
  | 'bad_version'
  | 'too_large'
  | 'bad_json'
  | 'bad_message'
  | 'truncated'
  | 'msg_id_mismatch'
  | 'unsolicited';
