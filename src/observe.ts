/** Owns telling many observers as one, so that none of them can harm a toggle. */
import type { CircuitState } from './errors';
import type {
  AttemptReport,
  AttemptStart,
  ConnectionState,
  DecodeErrorEvent,
  Observer,
  PacketEvent,
} from './packet-event';
import type { Verdict } from './verdict';

/** One observer for all of `observers`; what one of them throws goes to `onError` and no further. */
export function guarded(
  observers: readonly Observer[],
  onError: (error: unknown) => void = reportAsWarning,
): Required<Observer> {
  return new Guarded(observers, onError);
}

/** A class, since each toggle under way or waiting has one: methods cost it nothing, closures would. */
class Guarded implements Required<Observer> {
  constructor(
    private readonly observers: readonly Observer[],
    private readonly onError: (error: unknown) => void,
  ) {}

  packet(event: PacketEvent): void {
    this.tell((observer) => observer.packet?.(event));
  }

  attemptStarted(start: AttemptStart): void {
    this.tell((observer) => observer.attemptStarted?.(start));
  }

  attemptEnded(report: AttemptReport): void {
    this.tell((observer) => observer.attemptEnded?.(report));
  }

  decodeError(event: DecodeErrorEvent): void {
    this.tell((observer) => observer.decodeError?.(event));
  }

  verdict(verdict: Verdict): void {
    this.tell((observer) => observer.verdict?.(verdict));
  }

  queueDepth(deviceId: string, depth: number): void {
    this.tell((observer) => observer.queueDepth?.(deviceId, depth));
  }

  connectionState(deviceId: string, state: ConnectionState): void {
    this.tell((observer) => observer.connectionState?.(deviceId, state));
  }

  circuitState(deviceId: string, state: CircuitState): void {
    this.tell((observer) => observer.circuitState?.(deviceId, state));
  }

  private tell(tell: (observer: Observer) => void): void {
    for (const observer of this.observers) {
      try {
        tell(observer);
      } catch (error) {
        this.onError(error);
      }
    }
  }
}

function reportAsWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
