/** What observers hear of a toggle's way. Types only; nothing here knows metrics, logs or Node-RED. */
import type { AttemptOutcome, CircuitState, DecodeReason } from './errors';
import type { Verdict } from './verdict';

/** A packet that was sent, received or missed. */
export interface PacketEvent {
  readonly direction: 'send' | 'recv';
  /** `timeout` and `closed` only with `recv`; a send that found no connection is an `error`. */
  readonly outcome: 'success' | 'timeout' | 'closed' | 'error';
  readonly deviceId: string;
  readonly msgId: string;
  /** From 1. */
  readonly attempt: number;
  /** The packet as on the wire, also one that could not be sent; absent when a reply did not come. */
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

/** One attempt, as it ended. */
export interface AttemptReport extends AttemptStart {
  readonly outcome: AttemptOutcome;
  readonly willRetry: boolean;
  /** Until the next attempt begins; 0 when there is none. */
  readonly retryInMs: number;
  readonly elapsedMs: number;
  /** Why it failed, in words. */
  readonly error?: string;
}

export interface DecodeErrorEvent {
  readonly deviceId: string;
  readonly reason: DecodeReason;
}

export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting';

/** Hears everything that happens to a device's toggles; every method is optional, none may block. */
export interface Observer {
  packet?(event: PacketEvent): void;
  attemptStarted?(start: AttemptStart): void;
  attemptEnded?(report: AttemptReport): void;
  decodeError?(event: DecodeErrorEvent): void;
  verdict?(verdict: Verdict): void;
  queueDepth?(deviceId: string, depth: number): void;
  connectionState?(deviceId: string, state: ConnectionState): void;
  circuitState?(deviceId: string, state: CircuitState): void;
}
