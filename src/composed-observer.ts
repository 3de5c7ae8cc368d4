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

/**
 * A class, because each running or waiting toggle can have one: methods are shared, closures would not be. Each calls one
 * method by its name, and has its own try: to look methods up by a variable takes a tenth longer, and a closure for each
 * call is a third of the garbage of the packet trace.
 */
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
    for (const observer of this.observers) {
      try {
        watchResult(observer.packet?.(event), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  attemptStarted(start: AttemptStart): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.attemptStarted?.(start), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  attemptEnded(ended: AttemptReport): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.attemptEnded?.(ended), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  decodeError(event: DecodeErrorEvent): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.decodeError?.(event), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  verdict(verdict: Verdict): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.verdict?.(verdict), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  verdictUndelivered(verdict: Verdict): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.verdictUndelivered?.(verdict), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  queueDepth(deviceId: string, depth: number): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.queueDepth?.(deviceId, depth), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  connectionState(deviceId: string, state: ConnectionState, isLost = false): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.connectionState?.(deviceId, state, isLost), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  circuitState(deviceId: string, state: CircuitState): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.circuitState?.(deviceId, state), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  confirmedState(deviceId: string, state: boolean, isRestored: boolean): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.confirmedState?.(deviceId, state, isRestored), this.onError);
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

  reportAsked(event: AskedEvent): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.asked?.(event), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }

  reportBytes(deviceId: string, msgId: string, attempt: number, bytes: Uint8Array): void {
    for (const observer of this.observers) {
      try {
        watchResult(observer.bytesReceived?.(deviceId, msgId, attempt, bytes), this.onError);
      } catch (error) {
        reportFailure(error, this.onError);
      }
    }
  }
}

// Not closures of each composite, and called as its methods.
function reportAsked(this: CompositeObserver, event: AskedEvent): void {
  this.reportAsked(event);
}

function reportBytes(
  this: CompositeObserver,
  deviceId: string,
  msgId: string,
  attempt: number,
  bytes: Uint8Array,
): void {
  this.reportBytes(deviceId, msgId, attempt, bytes);
}
