/** Owns one attempt on its way over a kept connection: waiting for room, then in flight; told as it goes and as it ends. */
import { deadline, type CancelTimer, type Clock } from '../../clock';
import type { StepFailure } from '../connection';
import type { Attempt, AttemptResult, AttemptReporter } from '../transport';
import type { Answer } from '../../protocol/reply-stream';
import type { KeptLink } from './session';

export class Inquiry {
  /** When the send must be done; known from when a connection was open. */
  sendUntil: number | undefined;
  /** Where its packet went, or is going. */
  link: KeptLink | undefined;
  /** When all of the packet was handed to the system. */
  sentAt: number | undefined;
  private readonly startedAt: number;
  private cancelDeadline: CancelTimer | undefined;
  private cancelled = (): void => undefined;

  constructor(
    readonly attempt: Attempt,
    private readonly clock: Clock,
    private readonly teller: AttemptReporter,
    private readonly resolve: (exchange: AttemptResult) => void,
  ) {
    this.startedAt = clock.now();
  }

  get msgId(): string {
    return this.attempt.request.msgId;
  }

  get deviceId(): string {
    return this.attempt.request.deviceId;
  }

  /** Calls `cancelled` when the attempt is stopped before its end. */
  onCancel(cancelled: () => void): void {
    this.cancelled = cancelled;
    this.attempt.signal.addEventListener('abort', cancelled, { once: true });
  }

  /** Calls `late` in `ms` unless something else happens first. */
  within(ms: number, late: () => void): void {
    this.proceed();
    this.cancelDeadline = deadline(this.clock, ms, late);
  }

  /** Something happened: the deadline that ran is met. */
  proceed(): void {
    this.cancelDeadline?.();
  }

  sent(): void {
    this.sentAt = this.clock.now();
    this.teller.sent(this.attempt, this.sentAt - this.startedAt);
  }

  answered(answer: Answer): AttemptResult {
    const now = this.clock.now();
    return this.teller.answered(this.attempt, answer, now - (this.sentAt ?? now));
  }

  /** It gets no answer; once a connection has its packet, or a part, the device may have it. */
  cut(failed: StepFailure): AttemptResult {
    const now = this.clock.now();
    if (this.sentAt !== undefined) return this.teller.unanswered(this.attempt, failed, now - this.sentAt);
    // A connection that closed under a packet failed to send it.
    const failure = failed.failure === 'connection_closed' ? 'send_failed' : failed.failure;
    return this.teller.unsent(this.attempt, { ...failed, failure }, now - this.startedAt, this.link !== undefined);
  }

  end(exchange: AttemptResult): void {
    this.proceed();
    this.attempt.signal.removeEventListener('abort', this.cancelled);
    this.resolve(exchange);
  }
}
