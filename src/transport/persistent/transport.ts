/** Owns `connection: persistent`: who waits for the one connection of all lanes, who is in flight, whom a reply settles. */
import type { Clock } from '../../clock';
import type { StepFailure } from '../connection';
import type { ProtocolError } from '../../protocol/protocol-error';
import { CANCELLED, AttemptReporter, type Attempt, type AttemptResult, type Transport } from '../transport';
import type { ConnectionState, Observer } from '../../observer';
import { mismatch } from '../../protocol/reply-reader';
import type { Answer } from '../../protocol/reply-stream';
import type { Random } from '../../retry';
import { Inquiry } from './pending-request';
import type { KeptLink } from './session';
import { Opener, type OpenerListener, type OpenerSettings } from './connector';

export interface KeptSettings extends OpenerSettings {
  /** Whose the connection is; replies that nobody waits for count as its decode errors. */
  readonly deviceId: string;
}

export class KeptTransport implements Transport, OpenerListener {
  /** Oldest first. */
  private readonly waiting = new Set<Inquiry>();
  /** By msg_id. */
  private readonly inFlight = new Map<string, Inquiry>();
  private readonly opener: Opener;
  private readonly teller: AttemptReporter;
  private readonly deviceIds = new Set<string>();

  constructor(
    private readonly settings: KeptSettings,
    private readonly clock: Clock,
    random: Random,
    private readonly observer: Observer,
  ) {
    this.teller = new AttemptReporter(observer);
    this.opener = new Opener(settings, clock, random, this);
  }

  exchange(attempt: Attempt): Promise<AttemptResult> {
    const { deviceId } = attempt.request;
    this.introduce(deviceId);
    if (attempt.attempt === 1) this.opener.outrun(deviceId);
    return new Promise((resolve) => {
      const inquiry = new Inquiry(attempt, this.clock, this.teller, resolve);
      inquiry.onCancel(() => this.cancel(inquiry));
      this.waiting.add(inquiry);
      this.pump();
      if (this.waiting.has(inquiry)) this.awaitRoom(inquiry);
      this.opener.want(attempt.attempt === 1);
    });
  }

  closeIdle(): void {
    this.opener.rest();
  }

  close(): void {
    this.opener.close();
  }

  opened(): void {
    this.pump();
    for (const inquiry of this.waiting) this.awaitRoom(inquiry);
  }

  unopened(failed: StepFailure): void {
    for (const inquiry of this.waiting) this.end(inquiry, inquiry.cut(failed));
  }

  ready(): void {
    this.pump();
  }

  state(state: ConnectionState): void {
    for (const deviceId of this.deviceIds) this.observer.connectionState?.(deviceId, state);
  }

  lost(link: KeptLink, why: string): void {
    for (const inquiry of this.flyingOn(link)) {
      this.end(inquiry, inquiry.cut({ failure: 'connection_closed', error: why }));
    }
  }

  answered(link: KeptLink, answer: Answer): void {
    this.opener.proven();
    const inquiry = this.addressee(link, answer);
    if (answer.kind === 'bad') this.decodeError(inquiry, answer.error);
    if (inquiry) this.end(inquiry, inquiry.answered(answer));
    else if (answer.kind === 'framed') this.decodeError(undefined, mismatch(answer.reply.msgId));
    this.pump();
  }

  garbled(link: KeptLink, error: ProtocolError): void {
    const flying = this.flyingOn(link);
    this.decodeError(flying[0], error);
    // Of several in flight it is not known whose reply was cut off; they learn of the loss instead.
    if (error.reason === 'truncated' && flying.length > 1) return;
    for (const inquiry of flying) this.end(inquiry, inquiry.answered({ kind: 'bad', bytes: new Uint8Array(), error }));
  }

  /** Sends what waits, as long as there is room. */
  private pump(): void {
    for (const inquiry of this.waiting) {
      const { link } = this.opener;
      if (!link?.hasRoom) return;
      // The same msg_id for two devices: their replies could not be told apart.
      if (!this.inFlight.has(inquiry.msgId)) void this.send(link, inquiry);
    }
  }

  private async send(link: KeptLink, inquiry: Inquiry): Promise<void> {
    this.waiting.delete(inquiry);
    this.inFlight.set(inquiry.msgId, inquiry);
    inquiry.proceed();
    inquiry.link = link;
    link.load += 1;
    const { ioTimeoutMs } = this.settings;
    const leftMs = inquiry.sendUntil === undefined ? ioTimeoutMs : inquiry.sendUntil - this.clock.now();
    const failed = await link.send(inquiry.attempt.packet, Math.max(0, leftMs));
    if (this.inFlight.get(inquiry.msgId) !== inquiry) return;
    if (failed) {
      this.end(inquiry, inquiry.cut(failed));
      // What is stuck would go out late if the device ever read again; without its connection it never does.
      return link.destroy();
    }
    inquiry.sent();
    inquiry.within(ioTimeoutMs, () => this.unheard(link, inquiry));
    this.pump();
  }

  /** The wait for a connection has its deadline; once one was open, the send has. */
  private awaitRoom(inquiry: Inquiry): void {
    const { connectTimeoutMs, ioTimeoutMs } = this.settings;
    const isOpen = this.opener.state === 'connected';
    if (isOpen && inquiry.sendUntil !== undefined) return;
    if (isOpen) inquiry.sendUntil = this.clock.now() + ioTimeoutMs;
    inquiry.within(isOpen ? ioTimeoutMs : connectTimeoutMs, () => {
      const { problem } = this.opener;
      const why = problem === undefined ? '' : `: ${problem}`;
      const late: StepFailure = isOpen
        ? { failure: 'send_failed', error: `not sent within ${ioTimeoutMs} ms: the connection is taken up by others` }
        : { failure: 'connection_failed', error: `no connection within ${connectTimeoutMs} ms${why}` };
      this.end(inquiry, inquiry.cut(late));
    });
  }

  /** A frame names whom it answers, whichever attempt and connection it comes by; all else answers the only one there. */
  private addressee(link: KeptLink, answer: Answer): Inquiry | undefined {
    if (answer.kind === 'framed') return this.inFlight.get(answer.reply.msgId);
    return link.load === 1 ? this.flyingOn(link)[0] : undefined;
  }

  private unheard(link: KeptLink, inquiry: Inquiry): void {
    const { sentAt = 0, deviceId } = inquiry;
    link.unheard.add(deviceId);
    this.end(inquiry, inquiry.cut({ failure: 'timeout', error: `no reply within ${this.settings.ioTimeoutMs} ms` }));
    // Silent since the packet left, it may be dead; and a late raw reply would pass for the next toggle's.
    if (!link.matchesReplies || link.heardAt < sentAt) this.leave(link);
  }

  private cancel(inquiry: Inquiry): void {
    const { link, deviceId } = inquiry;
    link?.unheard.add(deviceId);
    this.end(inquiry, inquiry.cut(CANCELLED));
    if (link && !link.matchesReplies) this.leave(link);
    else this.pump();
  }

  /** What waits goes another way. */
  private leave(link: KeptLink): void {
    this.opener.retire(link);
    if (this.waiting.size > 0) this.opener.want(false);
  }

  private end(inquiry: Inquiry, exchange: AttemptResult): void {
    // An observer of what ended it may have stopped it as well; the first end stands.
    if (!this.waiting.delete(inquiry) && this.inFlight.get(inquiry.msgId) !== inquiry) return;
    if (inquiry.link) {
      inquiry.link.load -= 1;
      this.inFlight.delete(inquiry.msgId);
    }
    inquiry.end(exchange);
  }

  private flyingOn(link: KeptLink): Inquiry[] {
    return [...this.inFlight.values()].filter((inquiry) => inquiry.link === link);
  }

  private decodeError(inquiry: Inquiry | undefined, error: ProtocolError): void {
    this.teller.decodeError(inquiry?.deviceId ?? this.settings.deviceId, error);
  }

  /** Whoever uses the connection has its state. */
  private introduce(deviceId: string): void {
    if (this.deviceIds.has(deviceId)) return;
    this.deviceIds.add(deviceId);
    this.observer.connectionState?.(deviceId, this.opener.state);
  }
}
