/** Owns telling many observers as one, so that none of them can harm a toggle. */
import type { Observer } from './packet-event';

/** One observer for all of `observers`; what one of them throws goes to `onError` and no further. */
export function guarded(
  observers: readonly Observer[],
  onError: (error: unknown) => void = reportAsWarning,
): Required<Observer> {
  const tellAll = (tell: (observer: Observer) => void) => {
    for (const observer of observers) {
      try {
        tell(observer);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    packet: (event) => tellAll((observer) => observer.packet?.(event)),
    attemptStarted: (start) => tellAll((observer) => observer.attemptStarted?.(start)),
    attemptEnded: (report) => tellAll((observer) => observer.attemptEnded?.(report)),
    decodeError: (event) => tellAll((observer) => observer.decodeError?.(event)),
    verdict: (verdict) => tellAll((observer) => observer.verdict?.(verdict)),
    queueDepth: (deviceId, depth) => tellAll((observer) => observer.queueDepth?.(deviceId, depth)),
    connectionState: (deviceId, state) => tellAll((observer) => observer.connectionState?.(deviceId, state)),
    circuitState: (deviceId, state) => tellAll((observer) => observer.circuitState?.(deviceId, state)),
  };
}

function reportAsWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
