/** One toggle, as the trace shows it. Types only; browser-safe. */
import type { AttemptOutcome, Cause, VerdictOutcome, VerdictReason } from '../outcomes';

/** One toggle from its request to its verdict. All times are in µs from the request. */
export interface ToggleTimeline {
  /** Counts all toggles of the process, from 1. */
  readonly seq: number;
  /** The `key` of its device; absent for a device id that an inventory does not have. */
  readonly key?: string;
  readonly nodeId: string;
  /** From outside: escape it before it is shown. */
  readonly deviceId: string;
  /** Of the packet; empty when the toggle was dropped before it had one. */
  readonly msgId: string;
  /** When it was asked for, in ms since 1970, with three decimals. */
  readonly at: number;
  /** Who asked for it. */
  readonly who?: Requester;
  /** The requested state; absent when the request was not a valid state. */
  readonly state?: boolean;
  readonly outcome: VerdictOutcome;
  readonly reason?: VerdictReason;
  readonly cause?: Cause;
  /** Technical, in English; from outside. */
  readonly error?: string;
  /** The state that the device reported, if it did. */
  readonly reportedState?: boolean;
  /** From the request to the verdict, in µs. */
  readonly elapsedUs: number;
  readonly attempts: readonly TracedAttempt[];
  /** In the order in which they happened. */
  readonly steps: readonly TraceStep[];
  /** Steps that had no place, such as the thousandth piece of a reply. */
  readonly stepsCut?: number;
  /** How the device was reached when it was asked; absent while that was not known. */
  readonly address?: DeviceAddress;
  /** How replies are judged. */
  readonly reply?: 'any' | 'framed' | 'auto';
  /** Of a fleet: the worker that switched it, whose log has the attempts and the packets. */
  readonly worker?: string;
}

export interface Requester {
  /** The node that asked; `phase0` for the sidebar itself. */
  readonly nodeId: string;
  /** Of the message that it asked by. */
  readonly msgid?: string;
}

export interface TracedAttempt {
  /** From 1. */
  readonly attempt: number;
  readonly at: number;
  readonly end: number;
  readonly outcome: AttemptOutcome;
  readonly cause?: Cause;
  readonly error?: string;
}

export type StepKind =
  /** The node or the caller asked. Always the first step, at 0. */
  | 'asked'
  /** It began to wait for the toggles before it; `us` until its first attempt, or its verdict. */
  | 'queued'
  /** A connection is being made; `us` until it was there. Absent when a persistent connection was open. */
  | 'connect'
  /** The packet is being handed over; `us` until the operating system had all of it. */
  | 'send'
  /** The operating system has the packet: `bytes`. */
  | 'bytes_out'
  /** A piece of what the device sent: `bytes`. */
  | 'bytes_in'
  /** What came decided the attempt, well or not. */
  | 'reply'
  /** A wait before the next attempt; `us` long. */
  | 'retry_wait'
  /** The end. Always the last step. */
  | 'verdict';

/** Something that happened to a toggle. */
export interface TraceStep {
  readonly kind: StepKind;
  readonly at: number;
  /** How long it took, for what takes time; absent for what did not come to its end. */
  readonly us?: number;
  /** From 1; absent for what belongs to no attempt. */
  readonly attempt?: number;
  /** Base64; at most the first {@link TraceStep.length} bytes. */
  readonly bytes?: string;
  /** How many bytes there were, if `bytes` has only the first of them. */
  readonly length?: number;
}

/** How a device is reached. */
export interface DeviceAddress {
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
}
