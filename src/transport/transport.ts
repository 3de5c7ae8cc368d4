/** One attempt to deliver a request, its result, and what delivers it. */
import type { CancelTimer } from '../clock';
import type { AttemptFailure, AttemptOutcome, Cause } from '../outcomes';
import type { ReplyPolicy } from '../protocol/reply-stream';
import type { ToggleRequest } from '../protocol/toggle';
import type { StopSignal } from '../stop-signal';
import type { Endpoint } from './socket';

/** One attempt to deliver a request. */
export interface Attempt {
  readonly request: ToggleRequest;
  /** The request as on the wire. */
  readonly packet: Uint8Array;
  /** From 1. */
  readonly attempt: number;
  readonly signal: StopSignal;
  /** Settings of this attempt; those of the transport by default. Devices that share a transport may differ in them. */
  readonly settings?: AttemptSettings;
}

/** What an attempt may have settings of its own for. A persistent connection has one `reply` policy for all of them. */
export type AttemptSettings = Pick<TransportSettings, 'reply' | 'connectTimeoutMs' | 'ioTimeoutMs'>;

/** How one attempt ended. */
export interface AttemptResult {
  readonly outcome: AttemptOutcome;
  /** Whether the device may have received the packet. */
  readonly maybeDelivered: boolean;
  /** Another attempt would fail the same way. */
  readonly nonRetryable?: true;
  /** Why it failed, in words. */
  readonly error?: string;
  readonly cause?: Cause;
  readonly reportedState?: boolean;
  /** From the end of the send to the reply, in ms. */
  readonly latencyMs?: number;
  /** Hex of the first 64 bytes of the reply, if one came. */
  readonly received?: string;
}

/** A way to reach a device. */
export interface Transport {
  /** Makes one attempt. Expected failure is a result; it never rejects. */
  exchange(attempt: Attempt): Promise<AttemptResult>;
  /**
   * Calls `wake` once the device answers on a connection that it shares with other toggles: an attempt that found no
   * connection is worth repeating then. Returns how to stop listening. Absent where no connection is shared.
   */
  onceAnswering?(wake: () => void): CancelTimer;
  /** Closes an idle persistent connection; the next attempt opens it again. */
  closeIdle(): void;
  /** Frees every socket and timer. */
  close(): void;
}

export interface TransportSettings extends Endpoint {
  readonly reply: ReplyPolicy;
  readonly connectTimeoutMs: number;
  readonly ioTimeoutMs: number;
}

/** Why a step of an attempt failed. */
export interface StepFailure {
  readonly failure: AttemptFailure;
  readonly error: string;
  readonly cause?: Cause;
  /** Another attempt would fail the same way. */
  readonly nonRetryable?: true;
}

export const CANCELLED: StepFailure = { failure: 'cancelled', error: 'cancelled', cause: 'cancelled' };
