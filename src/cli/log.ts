/** Log lines of the commands: JSON in the format of the packet log, or text. */
import type { Observer } from '../observer';
import { jsonLine } from '../printable';
import { choice } from '../settings/field';

/** Levels by increasing severity. */
export const LEVELS = ['DEBUG', 'INFO', 'WARNING', 'ERROR'] as const;
export type Level = (typeof LEVELS)[number];

/** Lines for people on a terminal, JSON in a pipe; an explicit choice overrides. */
export const formatField = choice(['auto', 'text', 'json'], 'auto');

export function isText(format: 'auto' | 'text' | 'json'): boolean {
  return format === 'text' || (format === 'auto' && process.stdout.isTTY);
}

/** The line for an event. */
export type FormatLine = (entry: Readonly<Record<string, unknown>>) => string;

/** Writes the lines at or above a level. */
export class Log {
  constructor(
    private readonly write: (line: string) => void,
    readonly threshold: Level = 'INFO',
    private readonly now: () => Date = () => new Date(),
    private readonly format: FormatLine = jsonLine,
  ) {}

  shows(level: Level): boolean {
    return LEVELS.indexOf(level) >= LEVELS.indexOf(this.threshold);
  }

  /** Writes a complete line. */
  line(line: string, level: Level): void {
    if (this.shows(level)) this.write(line);
  }

  /** Writes an event as a line; undefined fields are omitted. */
  event(level: Level, event: string, message: string, fields: object = {}): void {
    if (this.shows(level)) {
      this.write(this.format({ ts: this.now().toISOString(), level, message, event, ...fields }));
    }
  }
}

/** Milliseconds for a log line, rounded to two decimals. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}

/** Creates an observer that writes a line for each verdict and each invalid reply, and at DEBUG for each attempt. */
export function verdictLog(log: Log): Observer {
  return {
    attemptEnded: ({ deviceId, msgId, attempt, maxAttempts, outcome, willRetry, retryInMs, elapsedMs, error, cause }) =>
      log.event('DEBUG', 'attempt', `Attempt ${attempt}/${maxAttempts} ${outcome}`, {
        msg_id: msgId,
        device_id: deviceId,
        attempt,
        max_attempts: maxAttempts,
        outcome,
        will_retry: willRetry,
        retry_in_ms: rounded(retryInMs),
        elapsed_ms: rounded(elapsedMs),
        cause,
        error,
      }),
    decodeError: ({ deviceId, msgId, reason }) =>
      log.event('WARNING', 'decode_error', `Reply ${reason}`, { msg_id: msgId, device_id: deviceId, reason }),
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
        cause: rest.cause,
        error: rest.error,
      }),
  };
}
