/** Events of a toggle, the observers that receive them, and the composite that shields callers from a throwing observer. */
import type { AttemptOutcome, CircuitState, DecodeReason } from './outcomes';
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
  /** The toggle that waited for a reply, if exactly one did. */
  readonly msgId?: string;
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
  /** The last confirmed state of a device id became known or changed. */
  confirmedState?(deviceId: string, state: boolean): void;
}

/** One observer for all of `observers`; what one of them throws goes to `onError` and no further. */
export function composeObservers(
  observers: readonly Observer[],
  onError: (error: unknown) => void,
): Required<Observer> {
  return new CompositeObserver(observers, onError);
}

/** A class, because every toggle that runs or waits has one: methods are shared, closures would not be. */
class CompositeObserver implements Required<Observer> {
  constructor(
    private readonly observers: readonly Observer[],
    private readonly onError: (error: unknown) => void,
  ) {}

  packet(event: PacketEvent): void {
    this.notify((observer) => observer.packet?.(event));
  }

  attemptStarted(start: AttemptStart): void {
    this.notify((observer) => observer.attemptStarted?.(start));
  }

  attemptEnded(report: AttemptReport): void {
    this.notify((observer) => observer.attemptEnded?.(report));
  }

  decodeError(event: DecodeErrorEvent): void {
    this.notify((observer) => observer.decodeError?.(event));
  }

  verdict(verdict: Verdict): void {
    this.notify((observer) => observer.verdict?.(verdict));
  }

  queueDepth(deviceId: string, depth: number): void {
    this.notify((observer) => observer.queueDepth?.(deviceId, depth));
  }

  connectionState(deviceId: string, state: ConnectionState): void {
    this.notify((observer) => observer.connectionState?.(deviceId, state));
  }

  circuitState(deviceId: string, state: CircuitState): void {
    this.notify((observer) => observer.circuitState?.(deviceId, state));
  }

  confirmedState(deviceId: string, state: boolean): void {
    this.notify((observer) => observer.confirmedState?.(deviceId, state));
  }

  private notify(call: (observer: Observer) => void): void {
    for (const observer of this.observers) {
      try {
        call(observer);
      } catch (error) {
        this.onError(error);
      }
    }
  }
}
