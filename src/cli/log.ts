/** JSON log lines of the commands, in the format of the packet log. */
import type { Observer } from '../observer';

/** From the least grave to the gravest. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type Level = (typeof LEVELS)[number];

/** Passes on the lines that are grave enough. */
export class Log {
  constructor(
    private readonly write: (line: string) => void,
    private readonly threshold: Level = 'INFO',
    private readonly now: () => Date = () => new Date(),
  ) {}

  shows(level: Level): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.threshold);
  }

  /** A line that is made already. */
  line(line: string, level: Level): void {
    if (this.shows(level)) this.write(line);
  }

  /** Makes a line; fields that are undefined are left out. */
  event(level: Level, event: string, message: string, fields: object = {}): void {
    if (this.shows(level))
      this.write(JSON.stringify({ ts: this.now().toISOString(), level, message, event, ...fields }));
  }
}

/** Milliseconds as a log line has them: with two decimals. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** An observer that writes a line for each verdict, for each reply that is none, and at DEBUG for each attempt. */
export function verdictLog(log: Log): Observer {
  return {
    attemptEnded: ({ deviceId, msgId, attempt, maxAttempts, outcome, willRetry, retryInMs, elapsedMs, error }) =>
      log.event('DEBUG', 'attempt', `Attempt ${attempt}/${maxAttempts} ${outcome}`, {
        msg_id: msgId,
        device_id: deviceId,
        attempt,
        max_attempts: maxAttempts,
        outcome,
        will_retry: willRetry,
        retry_in_ms: rounded(retryInMs),
        elapsed_ms: rounded(elapsedMs),
        error,
      }),
    decodeError: ({ deviceId, reason }) =>
      log.event('WARNING', 'decode_error', `Reply ${reason}`, { device_id: deviceId, reason }),
    verdict: ({ outcome, reason, deviceId, msgId, state, reportedState, latencyMs, elapsedMs, ...rest }) =>
      log.event(outcome === 'confirmed' ? 'INFO' : 'ERROR', 'verdict', `Toggle ${outcome}`, {
        msg_id: msgId,
        device_id: deviceId,
        state,
        reported_state: reportedState,
        outcome,
        reason,
        attempts: rest.attempts,
        latency_ms: latencyMs === undefined ? undefined : rounded(latencyMs),
        elapsed_ms: rounded(elapsedMs),
        circuit: rest.circuit,
        error: rest.error,
      }),
  };
}
