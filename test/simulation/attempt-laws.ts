/** Laws of attempts and of the verdict that follows from them: outcomes, events, times. */
import type { AttemptOutcome } from '../../src/outcomes';
import type { Verdict } from '../../src/verdict';
import {
  name,
  textOf,
  TINY_MS,
  TIMER_MS,
  wasStopped,
  type AttemptFact,
  type Broken,
  type Moment,
  type ToggleFact,
  type What,
} from './facts';
import { areKnownEvents } from './known-events';
import { judgePersistent } from './persistent-laws';
import { expectedOf, type Undecided } from './reply-reference';

const RETRIED: ReadonlySet<AttemptOutcome> = new Set([
  'connection_failed',
  'send_failed',
  'timeout',
  'connection_closed',
  'bad_reply',
]);

export class AttemptLaws {
  /** `isShared`: whether another device id was sent the same message id. */
  constructor(
    private readonly broken: Broken,
    private readonly isShared: (toggle: ToggleFact) => boolean,
  ) {}

  started(toggle: ToggleFact, attempt: AttemptFact): void {
    const { settings } = toggle.era;
    const { attempt: number, maxAttempts } = attempt.start;
    const before = toggle.attempts.at(-2);
    const check = this.checkFor('retry', toggle, number);
    check(number === toggle.attempts.length, () => `it has the number ${number}`);
    check(maxAttempts === settings.maxAttempts && number <= maxAttempts, () => `of ${maxAttempts}`);
    check(toggle.verdict === undefined, 'it came after the verdict');
    if (!before?.end || !before.ended) return check(number === 1, 'the one before it has not ended');
    check(before.end.willRetry, 'the one before it was the last');
    check(before.start.state === attempt.start.state, 'it asks for another state');
    const waitedMs = attempt.started.atMs - before.ended.atMs;
    const { retryInMs } = before.end;
    // A toggle that found no connection goes on as soon as the device answers another one.
    const isWoken =
      settings.connection === 'persistent' &&
      before.end.outcome === 'connection_failed' &&
      toggle.era.life.answeredAtMs === attempt.started.atMs;
    check(isWoken || waitedMs >= retryInMs - TIMER_MS - TINY_MS, () => `it waited ${waitedMs} of ${retryInMs} ms`);
    check(
      waitedMs <= retryInMs + TIMER_MS + TINY_MS + held(before.ended, attempt.started),
      () => `it waited ${waitedMs}, not ${retryInMs} ms`,
    );
  }

  ended(toggle: ToggleFact, attempt: AttemptFact): void {
    const { end, ended, started } = attempt;
    if (!end || !ended) return;
    const { settings } = toggle.era;
    const check = this.checkFor('attempt', toggle, end.attempt);
    const { outcome, willRetry, retryInMs, elapsedMs } = end;
    check(Math.abs(elapsedMs - (ended.atMs - started.atMs)) < TINY_MS, () => `it reports ${elapsedMs} ms`);
    const { connection, maxAttempts, backoffBaseMs, backoffMaxMs, jitterMs, connectTimeoutMs, ioTimeoutMs } = settings;
    const backoffMs = Math.min(backoffBaseMs * 2 ** (end.attempt - 1), backoffMaxMs);
    const mayRetry = RETRIED.has(outcome) && end.attempt < maxAttempts;
    check(willRetry === mayRetry || end.cause === 'tls_untrusted', () => `willRetry is ${willRetry} after ${outcome}`);
    check(
      !(willRetry && end.cause === 'tls_untrusted') || connection === 'persistent',
      'what cannot be retried is retried',
    );
    const isWait = willRetry ? retryInMs >= backoffMs && retryInMs <= backoffMs + jitterMs : retryInMs === 0;
    check(isWait, () => `it waits ${retryInMs} ms, not ${backoffMs} and up to ${jitterMs} ms more`);
    check(outcome !== 'cancelled' || toggle.stopped.length > 0, 'it is cancelled, and nobody stopped it');
    const longestMs = 500 + 2 * (connectTimeoutMs + 2 * ioTimeoutMs) + 8 * TIMER_MS + held(started, ended);
    check(elapsedMs <= longestMs, () => `it took ${elapsedMs} ms, more than ${longestMs}`);
    if (outcome === 'timeout')
      check(elapsedMs >= ioTimeoutMs - TIMER_MS - TINY_MS, () => `it gave up after ${elapsedMs} ms`);
    this.judgeEvents(toggle, attempt, outcome);
    if (settings.connection === 'per-toggle') this.judgeByReference(toggle, attempt, outcome);
    else judgePersistent(toggle, attempt, this.isShared(toggle), this.broken);
  }

  verdict(toggle: ToggleFact, verdict: Verdict, now: Moment): void {
    const check = this.checkFor('verdict', toggle);
    const { outcome, reason, attempts, elapsedMs, state, latencyMs } = verdict;
    check(toggle.verdict === undefined, 'there is a second one');
    check(verdict.deviceId === toggle.deviceId && verdict.msgId === toggle.msgId, 'it names another toggle');
    check(Math.abs(elapsedMs - (now.atMs - toggle.asked.atMs)) < TINY_MS, () => `it reports ${elapsedMs} ms`);
    check(attempts === toggle.attempts.length, () => `it reports ${attempts} attempts of ${toggle.attempts.length}`);
    check((reason === undefined) === (outcome === 'confirmed'), () => `${outcome} has the reason ${reason}`);
    const isWritten = toggle.carriers.length > 0;
    if (outcome === 'dropped') return check(!isWritten, 'it is dropped, and its packet was sent');
    const last = toggle.attempts.at(-1);
    if (!last?.end) return check(false, 'its attempt has not ended');
    check(state === last.start.state, () => `it names the state ${state}`);
    const wanted =
      last.end.outcome === 'success'
        ? 'confirmed'
        : last.end.outcome === 'rejected'
          ? 'rejected'
          : isWritten
            ? 'unknown'
            : 'failed';
    check(outcome === wanted, () => `it is ${outcome}, and should be ${wanted}`);
    const answered = outcome === 'confirmed' || outcome === 'rejected';
    const why = outcome === 'confirmed' ? undefined : last.end.outcome;
    const isStopped = !answered && toggle.stopped.length > 0;
    check(
      isStopped ? wasStopped(toggle, reason) : reason === why,
      () => `its reason is ${reason}, and should be ${why}`,
    );
    check(answered || isStopped || !last.end.willRetry, 'attempts are left');
    check((latencyMs !== undefined) === (outcome === 'confirmed'), () => `its latency is ${latencyMs}`);
    const longestMs = toggle.era.settings.ioTimeoutMs + TIMER_MS + held(last.started, now);
    check((latencyMs ?? 0) <= longestMs + TINY_MS, () => `its latency is ${latencyMs} ms`);
    if (toggle.era.settings.connection === 'per-toggle' && last.socket) this.judgeReply(toggle, verdict, last);
  }

  private judgeEvents(toggle: ToggleFact, { packets, end, decodeErrors }: AttemptFact, outcome: AttemptOutcome): void {
    const check = this.checkFor('events', toggle, end?.attempt);
    let events = '';
    for (const packet of packets) events += `${events && ','}${packet.direction} ${packet.outcome}`;
    const isPersistent = toggle.era.settings.connection === 'persistent';
    check(areKnownEvents(events, outcome, isPersistent), () => `${outcome} has the events ${events}`);
    check(
      packets.every(({ attempt }) => attempt === end?.attempt),
      'an event has the number of another attempt',
    );
    const isBad = decodeErrors.some(({ reason }) => reason !== 'msg_id_mismatch' && reason !== 'unsolicited');
    check(isPersistent || isBad === (outcome === 'bad_reply'), () => `${outcome} has decode errors: ${isBad}`);
  }

  private judgeByReference(toggle: ToggleFact, attempt: AttemptFact, outcome: AttemptOutcome): void {
    const { socket, end, ended } = attempt;
    const check = this.checkFor('reference', toggle, end?.attempt);
    if (!socket || !ended) return check(outcome === 'cancelled', () => `${outcome} without a connection`);
    const isAnswered = outcome === 'success' || outcome === 'rejected';
    // What was not answered must not arrive later. A stop, or the end of the device, resets what is being closed in order.
    const isReset = socket.ending === 'reset' && (!isAnswered || toggle.stopped.length > 0 || toggle.era.life.isClosed);
    check(
      socket.isFreed || isReset || (isAnswered && socket.ending === 'end'),
      () => `${outcome} is closed by ${socket.ending}`,
    );
    let early = 0;
    for (const { kind } of socket.seen) {
      if (kind === 'sent') break;
      if (kind === 'data') early += 1;
    }
    const unsolicited = attempt.decodeErrors.filter(({ reason }) => reason === 'unsolicited').length;
    check(
      early === unsolicited,
      () => `${early} chunks came before the packet was sent, and ${unsolicited} are reported`,
    );
    const expected = expectedOf(socket.seen, toggle.era.settings.reply, toggle.msgId);
    attempt.expected = expected;
    if ('outcome' in expected) {
      // Who heard that it began with something else may have stopped the toggle before the rest of the bytes was read.
      const isStoppedWithin = attempt.decodeErrors.length > 0 && toggle.stopped.length > 0;
      if (outcome === 'cancelled' && isStoppedWithin && ended.atMs === expected.atMs) return undefined;
      check(outcome === expected.outcome, () => `it is ${outcome}, and should be ${expected.outcome}`);
      return check(ended.atMs === expected.atMs, () => `it ended ${ended.atMs - expected.atMs} ms late`);
    }
    if (outcome === 'cancelled') return undefined;
    this.judgeDeadline(toggle, attempt, expected);
  }

  private judgeDeadline(toggle: ToggleFact, { socket, end, ended }: AttemptFact, { step, sinceMs }: Undecided): void {
    if (!socket || !ended || !end) return;
    const check = this.checkFor('deadline', toggle, end.attempt);
    const { connectTimeoutMs, ioTimeoutMs } = toggle.era.settings;
    const wanted = step === 'connect' ? 'connection_failed' : step === 'send' ? 'send_failed' : 'timeout';
    check(end.outcome === wanted, () => `it is ${end.outcome}, and should be ${wanted}`);
    const limitMs = step === 'connect' ? connectTimeoutMs : ioTimeoutMs;
    check(socket.unread === 0, 'it gave up before it had read what had arrived');
    const tookMs = ended.atMs - (sinceMs ?? socket.openedAtMs);
    check(tookMs >= limitMs - TIMER_MS - TINY_MS, () => `${step} ended after ${tookMs} of ${limitMs} ms`);
    check(
      tookMs <= limitMs + TIMER_MS + TINY_MS + held(toggle.asked, ended),
      () => `${step} ended after ${tookMs}, not ${limitMs} ms`,
    );
  }

  /** What the verdict says of the reply. */
  private judgeReply(toggle: ToggleFact, verdict: Verdict, { socket, end, expected }: AttemptFact): void {
    const check = this.checkFor('reply', toggle);
    if (!expected || !('outcome' in expected) || expected.outcome !== end?.outcome) return;
    check(verdict.reportedState === expected.reportedState, () => `it reports the state ${verdict.reportedState}`);
    const { bytes } = expected;
    if (bytes) check(verdict.received === bytes.toString('hex', 0, 64), () => `received is ${verdict.received}`);
    const sent = socket?.seen.find(({ kind }) => kind === 'sent');
    if (!sent || verdict.latencyMs === undefined) return;
    check(
      Math.abs(verdict.latencyMs - (expected.atMs - sent.atMs)) < TINY_MS,
      () => `its latency is ${verdict.latencyMs} ms`,
    );
  }

  private checkFor(law: string, toggle: ToggleFact, attempt?: number): (isTrue: boolean, what: What) => void {
    return (isTrue, what) => {
      if (isTrue) return;
      this.broken(law, `${name(toggle)}${attempt === undefined ? '' : `, attempt ${attempt}`}: ${textOf(what)}`);
    };
  }
}

function held(from: Moment, to: Moment): number {
  return to.heldMs - from.heldMs;
}
