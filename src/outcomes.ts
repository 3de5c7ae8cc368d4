/** Every outcome, reason and state code of the product. */

/** How an attempt ends that did not succeed (protocol, section 3). */
export const ATTEMPT_FAILURES = [
  'connection_failed',
  'send_failed',
  'timeout',
  'connection_closed',
  'bad_reply',
  'rejected',
  'cancelled',
] as const;
export type AttemptFailure = (typeof ATTEMPT_FAILURES)[number];

/** How one attempt ended. */
export type AttemptOutcome = 'success' | AttemptFailure;

export const DROP_REASONS = [
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
  'invalid_command',
] as const;

/** Why a toggle was never attempted (protocol, section 5). */
export type DropReason = (typeof DROP_REASONS)[number];

export const FLEET_REASONS = ['broker_unreachable', 'broker_refused', 'dead_lettered'] as const;

/** Why a toggle by a fleet has no verdict of a worker. */
export type FleetReason = (typeof FLEET_REASONS)[number];

/**
 * Who ended a toggle early: its requester (`cancelled`), the end of its device or node (`closed`), or a reload of the
 * inventory that has its device no more (`device_removed`).
 */
export type StopReason = Extract<DropReason, 'cancelled' | 'closed' | 'device_removed'>;

/** Outcome of a toggle (protocol, section 5). */
export const VERDICT_OUTCOMES = ['confirmed', 'rejected', 'unknown', 'failed', 'dropped'] as const;
export type VerdictOutcome = (typeof VERDICT_OUTCOMES)[number];

/** Why a verdict is not `confirmed`: the last attempt's outcome, what stopped it, or why it was dropped. */
export type VerdictReason = AttemptFailure | DropReason | FleetReason;
export const VERDICT_REASONS: readonly VerdictReason[] = [
  ...new Set<VerdictReason>([...ATTEMPT_FAILURES, ...DROP_REASONS, ...FLEET_REASONS]),
];

/** A lane's circuit: `open` refuses toggles, `half_open` lets one probe through (protocol, section 6). */
export const CIRCUIT_STATES = ['closed', 'open', 'half_open'] as const;
export type CircuitState = (typeof CIRCUIT_STATES)[number];

/** Why bytes are not a valid packet (protocol, section 1). */
export const DECODE_REASONS = [
  'bad_magic',
  'bad_version',
  'too_large',
  'bad_json',
  'bad_message',
  'truncated',
  'msg_id_mismatch',
  'unsolicited',
] as const;
export type DecodeReason = (typeof DECODE_REASONS)[number];

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
  ...DROP_REASONS,
  ...FLEET_REASONS,
  // A worker may have tried it.
  'no_verdict',
] as const;
export type Cause = (typeof CAUSES)[number];
