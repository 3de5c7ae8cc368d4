/** Events of a toggle, and the observers that receive them. */
import type { AttemptOutcome, Cause, CircuitState, DecodeReason } from './outcomes';
import type { Verdict } from './verdict';

/** A packet that was sent or received, or a reply that did not arrive. */
export interface PacketEvent {
  readonly direction: 'send' | 'recv';
  /** `timeout` and `closed` only with `recv`; a send without a connection is an `error`. */
  readonly outcome: 'success' | 'timeout' | 'closed' | 'error';
  readonly deviceId: string;
  readonly msgId: string;
  /** From 1. */
  readonly attempt: number;
  /** The packet as on the wire, also if it could not be sent; absent when no reply arrived. */
  readonly bytes?: Uint8Array;
  /** `send`: from the start of the attempt. `recv`: from the end of the send. In ms. */
  readonly elapsedMs: number;
}

export interface AttemptStart {
  readonly deviceId: string;
  readonly msgId: string;
  readonly state: boolean;
  /** From 1. */
  readonly attempt: number;
  readonly maxAttempts: number;
}

/** How one attempt ended. */
export interface AttemptReport extends AttemptStart {
  readonly outcome: AttemptOutcome;
  readonly willRetry: boolean;
  /** Time until the next attempt starts; 0 if it was the last one. */
  readonly retryInMs: number;
  readonly elapsedMs: number;
  /** Why it failed, as text. */
  readonly error?: string;
  /** What most likely went wrong, where that can be told. */
  readonly cause?: Cause;
}

export interface DecodeErrorEvent {
  readonly deviceId: string;
  /** The toggle that waited for a reply, if exactly one did. */
  readonly msgId?: string;
  readonly reason: DecodeReason;
}

/** A request for a toggle; its verdict follows. */
export interface AskedEvent {
  readonly deviceId: string;
  readonly msgId: string;
  /** Who asked, and by which request of theirs, as the command says. */
  readonly requester?: string | undefined;
  readonly requestId?: string | undefined;
}

export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting';

/**
 * Receives the events of a device's toggles. Every method is optional, and none may block. Each may switch, stop or close the
 * device, or load its inventory anew; observers that come after it hear of that before they hear of the event itself.
 */
export interface Observer {
  asked?: ((event: AskedEvent) => void) | undefined;
  packet?(event: PacketEvent): void;
  attemptStarted?(start: AttemptStart): void;
  /**
   * Bytes came while an attempt was under way, in pieces as they arrive; also what is no reply, or no whole one. Over a
   * connection that several toggles share at the time, it is not known whose they are, and nothing is reported. `bytes`
   * may change after the call: a copy is needed of what is kept.
   */
  bytesReceived?: ((deviceId: string, msgId: string, attempt: number, bytes: Uint8Array) => void) | undefined;
  attemptEnded?(report: AttemptReport): void;
  decodeError?(event: DecodeErrorEvent): void;
  verdict?(verdict: Verdict): void;
  /** A node could not hand a verdict on: Node-RED failed to clone or to complete the message. */
  verdictUndelivered?(verdict: Verdict): void;
  queueDepth?(deviceId: string, depth: number): void;
  /** `isLost`: a persistent connection was lost or could not be opened, and is not open again; this side did not close it. */
  connectionState?(deviceId: string, state: ConnectionState, isLost?: boolean): void;
  circuitState?(deviceId: string, state: CircuitState): void;
  /** The last confirmed state of a device id changed, or was read from the state store (`isRestored`). */
  confirmedState?(deviceId: string, state: boolean, isRestored: boolean): void;
}
