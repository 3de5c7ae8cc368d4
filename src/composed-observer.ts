/** Several observers as one, which shields callers from an observer that throws. */
import { reportFailure, watchResult, type ErrorHandler } from './call-safely';
import type {
  AskedEvent,
  AttemptReport,
  AttemptStart,
  ConnectionState,
  DecodeErrorEvent,
  Observer,
  PacketEvent,
} from './observer';
import type { CircuitState } from './outcomes';
import type { Verdict } from './verdict';

/** Has a method for every event. What would cost something to report is absent unless an observer has it. */
export type ComposedObserver = Required<Omit<Observer, Costly>> & Pick<Observer, Costly>;
type Costly = 'asked' | 'bytesReceived';

/** Combines `observers` into one. `onError` receives what one of them throws or rejects with; the caller never does. */
export function composeObservers(observers: readonly Observer[], onError: ErrorHandler): ComposedObserver {
  return new CompositeObserver(observers, onError);
}

/** A class, because each running or waiting toggle can have one: methods are shared, closures would not be. */
class CompositeObserver implements ComposedObserver {
  constructor(
    private readonly observers: readonly Observer[],
    private readonly onError: ErrorHandler,
  ) {}

  get asked(): Observer['asked'] {
    return this.hasAny('asked') ? reportAsked : undefined;
  }

  get bytesReceived(): Observer['bytesReceived'] {
    return this.hasAny('bytesReceived') ? reportBytes : undefined;
  }

  packet(event: PacketEvent): void {
    this.each(CALLS.packet, event);
  }

  attemptStarted(start: AttemptStart): void {
    this.each(CALLS.attemptStarted, start);
  }

  attemptEnded(ended: AttemptReport): void {
    this.each(CALLS.attemptEnded, ended);
  }

  decodeError(event: DecodeErrorEvent): void {
    this.each(CALLS.decodeError, event);
  }

  verdict(verdict: Verdict): void {
    this.each(CALLS.verdict, verdict);
  }

  verdictUndelivered(verdict: Verdict): void {
    this.each(CALLS.verdictUndelivered, verdict);
  }

  queueDepth(deviceId: string, depth: number): void {
    this.each(CALLS.queueDepth, deviceId, depth);
  }

  connectionState(deviceId: string, state: ConnectionState, isLost = false): void {
    this.each(CALLS.connectionState, deviceId, state, isLost);
  }

  circuitState(deviceId: string, state: CircuitState): void {
    this.each(CALLS.circuitState, deviceId, state);
  }

  confirmedState(deviceId: string, state: boolean, isRestored: boolean): void {
    this.each(CALLS.confirmedState, deviceId, state, isRestored);
  }

  /** An observer that throws keeps nothing from the others. */
  each<Args extends unknown[]>(call: (observer: Observer, ...args: Args) => unknown, ...args: Args): void {
    for (const observer of this.observers) {
      try {
        watchResult(call(observer, ...args), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  private hasAny(name: Costly): boolean {
    try {
      for (const observer of this.observers) if (observer[name]) return true;
      return false;
    } catch {
      // It will throw again, where that is reported.
      return true;
    }
  }
}

type Calls = {
  readonly [Name in keyof Observer]-?: (
    observer: Observer,
    ...args: Parameters<NonNullable<Observer[Name]>>
  ) => unknown;
};

/**
 * Each calls one method by its name, since to look methods up by a variable takes a tenth longer. They are made once: a
 * closure for each event was a third of the garbage of the packet trace.
 */
const CALLS: Calls = {
  asked: (observer, event) => observer.asked?.(event),
  packet: (observer, event) => observer.packet?.(event),
  bytesReceived: (observer, deviceId, msgId, attempt, bytes) =>
    observer.bytesReceived?.(deviceId, msgId, attempt, bytes),
  attemptStarted: (observer, start) => observer.attemptStarted?.(start),
  attemptEnded: (observer, ended) => observer.attemptEnded?.(ended),
  decodeError: (observer, event) => observer.decodeError?.(event),
  verdict: (observer, verdict) => observer.verdict?.(verdict),
  verdictUndelivered: (observer, verdict) => observer.verdictUndelivered?.(verdict),
  queueDepth: (observer, deviceId, depth) => observer.queueDepth?.(deviceId, depth),
  connectionState: (observer, deviceId, state, isLost) => observer.connectionState?.(deviceId, state, isLost),
  circuitState: (observer, deviceId, state) => observer.circuitState?.(deviceId, state),
  confirmedState: (observer, deviceId, state, isRestored) => observer.confirmedState?.(deviceId, state, isRestored),
};

// Called as methods of a composite, which has them only if an observer does.
function reportAsked(this: CompositeObserver, event: AskedEvent): void {
  this.each(CALLS.asked, event);
}

function reportBytes(
  this: CompositeObserver,
  deviceId: string,
  msgId: string,
  attempt: number,
  bytes: Uint8Array,
): void {
  this.each(CALLS.bytesReceived, deviceId, msgId, attempt, bytes);
}
