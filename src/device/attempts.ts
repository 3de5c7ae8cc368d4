/** Owns the attempt loop: one toggle, its attempts, its verdict. The product's story on one page. */
import { sleep, type Clock } from '../clock';
import type { StopReason, VerdictOutcome } from '../outcomes';
import type { AttemptResult, Transport } from '../transport/transport';
import type { AttemptStart, Observer } from '../observer';
import { encodeToggle, type ToggleRequest } from '../protocol/toggle';
import { delayAfterMs, isRetried, type Random, type RetryPolicy } from '../retry';
import type { Verdict } from '../verdict';

/** What the loop works with. */
export interface AttemptContext {
  readonly policy: RetryPolicy;
  readonly transport: Transport;
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: Observer;
}

/** Tries until the device answers, the policy is spent or `signal` aborts (its reason is a StopReason). */
export async function runToggle(
  toggler: AttemptContext,
  request: ToggleRequest,
  askedAt: number,
  signal: AbortSignal,
): Promise<Verdict> {
  const { policy, transport, clock, random, observer } = toggler;
  const packet = encodeToggle(request);
  let attempt = 0;
  let maybeDelivered = false;
  let last: AttemptResult;
  let willRetry: boolean;
  do {
    attempt += 1;
    const start: AttemptStart = { ...request, attempt, maxAttempts: policy.maxAttempts };
    const startedAt = clock.now();
    observer.attemptStarted?.(start);
    // Whoever hears of the start may stop it.
    last = signal.aborted ? NOT_TRIED : await transport.exchange({ request, packet, attempt, signal });
    maybeDelivered ||= last.maybeDelivered;
    willRetry = attempt < policy.maxAttempts && isRetried(last.outcome) && !last.nonRetryable;
    const retryInMs = willRetry ? delayAfterMs(policy, attempt, random) : 0;
    observer.attemptEnded?.({
      ...start,
      outcome: last.outcome,
      willRetry,
      retryInMs,
      elapsedMs: clock.now() - startedAt,
      ...(last.error === undefined ? {} : { error: last.error }),
    });
    if (willRetry) await sleep(clock, retryInMs, signal);
  } while (willRetry && !signal.aborted);

  const { deviceId, msgId, state } = request;
  return {
    outcome: judge(last, maybeDelivered),
    ...reasonFor(last, signal),
    deviceId,
    msgId,
    state,
    ...(last.reportedState === undefined ? {} : { reportedState: last.reportedState }),
    attempts: attempt,
    ...(last.latencyMs === undefined ? {} : { latencyMs: last.latencyMs }),
    elapsedMs: clock.now() - askedAt,
  };
}

function judge({ outcome }: AttemptResult, maybeDelivered: boolean): VerdictOutcome {
  if (outcome === 'success') return 'confirmed';
  if (outcome === 'rejected') return 'rejected';
  return maybeDelivered ? 'unknown' : 'failed';
}

const NOT_TRIED: AttemptResult = { outcome: 'cancelled', maybeDelivered: false, error: 'cancelled' };

const STOPPED: Readonly<Record<StopReason, string>> = {
  cancelled: 'cancelled while under way',
  closed: 'its node or device was closed while under way',
};

/** A stop is the reason of a toggle that it ended, also between two attempts; an answer that came stands. */
function reasonFor(last: AttemptResult, signal: AbortSignal): Pick<Verdict, 'reason' | 'error'> {
  if (last.outcome === 'success') return {};
  if (signal.aborted && last.outcome !== 'rejected') {
    const reason = signal.reason as StopReason;
    return { reason, error: STOPPED[reason] };
  }
  return { reason: last.outcome, ...(last.error === undefined ? {} : { error: last.error }) };
}
