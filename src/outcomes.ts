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
  | 'invalid_settings'
  | 'unknown_device'
  | 'device_removed'
  | 'invalid_command';

/** Why a toggle by a fleet has no verdict of a worker. */
export type FleetReason = 'broker_unreachable' | 'broker_refused' | 'dead_lettered';

/**
 * Who ended a toggle early: its requester (`cancelled`), the end of its device or node (`closed`), or a reload of the
 * inventory that has its device no more (`device_removed`).
 */
export type StopReason = 'cancelled' | 'closed' | 'device_removed';

/** Outcome of a toggle (protocol, section 5). */
export type VerdictOutcome = 'confirmed' | 'rejected' | 'unknown' | 'failed' | 'dropped';

/** Why a verdict is not `confirmed`: the last attempt's outcome, what stopped it, or why it was dropped. */
export type VerdictReason = AttemptFailure | StopReason | DropReason | FleetReason;

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

/** What most likely went wrong (protocol, section 11). A toggle that was dropped has its drop reason as the cause. */
export const CAUSES = [
  // No connection.
  'port_refused',
  'host_unknown',
  'name_server_silent',
  'host_unreachable',
  'no_answer_to_connect',
  'connection_reset',
  'not_permitted',
  'local_ports_exhausted',
  'too_many_open_files',
  // No TLS.
  'tls_to_plain_port',
  'tls_no_answer',
  'tls_untrusted',
  'tls_wrong_name',
  'tls_expired',
  'tls_client_certificate',
  'tls_wrong_alpn',
  'tls_handshake_failed',
  // Not sent, or no reply.
  'send_stuck',
  'connection_busy',
  'connection_given_up',
  'no_reply',
  'closed_without_reply',
  // Not the reply of a Phase 0 device, or not a valid one.
  'replied_http',
  'replied_ssh',
  'replied_tls',
  'replied_greeting',
  'replied_echo',
  'reply_not_understood',
  'reply_incomplete',
  'raw_ack_but_framed_expected',
  'frame_broken',
  'frame_version',
  'other_msg_id',
  'refused_by_device',
  // Dropped, or stopped.
  'superseded',
  'expired',
  'queue_full',
  'cancelled',
  'closed',
  'circuit_open',
  'invalid_state',
  'invalid_settings',
  'unknown_device',
  'device_removed',
  // By a fleet.
  'invalid_command',
  'broker_unreachable',
  'broker_refused',
  'no_verdict',
  'dead_lettered',
] as const;
export type Cause = (typeof CAUSES)[number];
