/** `connection: persistent`: one connection for all lanes of a device, many toggles in flight, replies matched by msg_id. */
import type { CancelTimer, Clock } from '../../clock';
import type { Observer } from '../../observer';
import { ProtocolError } from '../../protocol/protocol-error';
import { mismatch } from '../../protocol/reply-reader';
import type { Answer } from '../../protocol/reply-stream';
import { AttemptReporter } from '../attempt-reporter';
import type { Connect, SocketFailure } from '../socket';
import {
  CANCELLED,
  type Attempt,
  type AttemptResult,
  type AttemptSettings,
  type StepFailure,
  type Transport,
  type TransportSettings,
} from '../transport';
import { ConnectionStateReporter } from './connection-state';
import { Connector, type ConnectorListener } from './connector';
import { noConnection, noReply, noRoom, notSent } from './late-failures';
import { OpenRequests } from './open-requests';
import { PendingRequest } from './pending-request';
import type { Session } from './session';

export interface PersistentSettings extends TransportSettings {
  /** Whose connection it is; replies that no toggle waits for count as its decode errors. */
  readonly deviceId: string;
}

export class PersistentTransport implements Transport, ConnectorListener {
  private readonly requests = new OpenRequests();
  /** Toggles between two attempts that wait for the device to be back. */
  private readonly sleepers = new Set<() => void>();
  private readonly connector: Connector;
  private readonly reporter: AttemptReporter;
  private readonly states: ConnectionStateReporter;

  constructor(
    private settings: PersistentSettings,
    private readonly clock: Clock,
    private readonly observer: Observer,
    connect: Connect,
  ) {
    this.reporter = new AttemptReporter(observer);
    this.connector = new Connector(settings, clock, connect, this);
    this.states = new ConnectionStateReporter(observer, this.connector);
  }

  /** Takes other settings for later connections and attempts; those under way keep theirs. The address stays. */
  configure(settings: PersistentSettings): void {
    const isReadOtherwise = settings.reply !== this.settings.reply;
    this.settings = settings;
    this.connector.configure(settings);
    if (isReadOtherwise) this.closeIdle();
  }

  exchange(attempt: Attempt): Promise<AttemptResult> {
    this.states.register(attempt.request.deviceId);
    // An observer may have stopped the toggle when it heard of the connection.
    if (attempt.signal.reason !== undefined) {
      return Promise.resolve(this.reporter.notSent(attempt, CANCELLED, 0, false));
    }
    return new Promise((resolve) => {
      const request = new PendingRequest<Session>(attempt, this.clock, this.reporter, resolve, () =>
        this.cancel(request),
      );
      this.enqueue(request);
    });
  }

  onceAnswering(wake: () => void): CancelTimer {
    this.sleepers.add(wake);
    return () => this.sleepers.delete(wake);
  }

  closeIdle(): void {
    this.connector.closeIdle();
    // Requests that still wait need a connection.
    if (this.requests.waiting.size > 0) this.connector.ensureConnected();
  }

  /**
   * Closes for good, as long as no request is under way: in order where everything was answered. What was given up must not
   * arrive after a newer command that takes another way to the device.
   */
  closeUnused(): void {
    this.connector.closeUnused();
  }

  close(): void {
    this.connector.close();
    for (const request of this.requests.waiting)
      this.fail(request, { failure: 'connection_failed', error: 'closed', cause: 'closed' });
  }

  opened(): void {
    this.sendWaiting();
    for (const request of this.requests.waiting) this.waitForRoom(request);
  }

  notOpened(_session: Session, failed: StepFailure): void {
    for (const request of this.requests.waiting) this.fail(request, failed);
  }

  stateChanged(): void {
    this.states.changed();
  }

  received({ outstanding }: Session, chunk: Uint8Array): void {
    const { observer } = this;
    if (!observer.bytesReceived) return;
    const { only } = outstanding;
    if (only) observer.bytesReceived(only.deviceId, only.msgId, only.attempt.attempt, chunk);
  }

  answered(session: Session, answer: Answer): void {
    this.connector.deviceAnswered();
    const request = this.requests.addressee(session, answer);
    if (answer.kind === 'framed' && !request) noteOtherMsgId(session, answer.reply.msgId);
    if (answer.kind === 'bad') this.decodeError(request, answer.error);
    else if (!request)
      this.decodeError(undefined, answer.kind === 'framed' ? mismatch(answer.reply.msgId) : UNSOLICITED);
    // Unless an observer that heard of a bad one has stopped the toggle: then nobody waits for it any more.
    if (request && !request.hasEnded) {
      this.settle(session, request, answer);
      for (const wake of this.sleepers) wake();
    } else if (answer.kind === 'framed') {
      session.outstanding.answeredLate(answer.reply.msgId);
    }
    // A raw reply names no toggle, so a second or late one could confirm the wrong toggle.
    if (answer.kind === 'raw' && session.isOpen) this.connector.closeServed(session);
    this.sendWaiting();
  }

  unsolicited(): void {
    this.decodeError(undefined, UNSOLICITED);
  }

  protocolError(session: Session, error: ProtocolError, bytes: Uint8Array): void {
    const affected = session.outstanding.requests();
    this.decodeError(session.outstanding.only, error);
    // If several are in flight, it is unknown whose reply was cut off; `closed` ends all of them.
    if (error.reason === 'truncated' && affected.length > 1) return;
    for (const request of affected) {
      // An observer that heard of it may have stopped the toggle.
      if (!request.hasEnded) this.settle(session, request, { kind: 'bad', bytes, error });
    }
  }

  closed(session: Session, why: SocketFailure): void {
    const { wasClosedWhileIdle } = session;
    for (const request of session.outstanding.requests()) {
      session.outstanding.giveUp(request);
      this.requests.remove(request);
      if (wasClosedWhileIdle && !request.wasResent) {
        request.prepareResend(why);
        // An observer that heard of this one, or of one before it, may have stopped the toggle.
        if (!request.hasEnded) this.enqueue(request);
      } else {
        request.fail({ failure: 'connection_closed', ...why });
      }
    }
    this.sendWaiting();
  }

  /** Sends the request at once if it can; otherwise it waits for a connection, or for room on the one that is open. */
  private enqueue(request: PendingRequest<Session>): void {
    this.requests.addWaiting(request);
    this.fillRoom();
    if (!this.requests.waiting.has(request)) return;
    if (this.connector.session?.isOpen) return this.waitForRoom(request);
    this.waitForConnection(request);
    this.connector.ensureConnected();
  }

  private waitForConnection(request: PendingRequest<Session>): void {
    const { connectTimeoutMs } = this.settingsOf(request);
    request.waitForConnection(connectTimeoutMs, () =>
      this.fail(request, noConnection(connectTimeoutMs, this.connector)),
    );
  }

  private sendWaiting(): void {
    this.fillRoom();
    if (!this.connector.session && this.isAnySendable()) this.connector.ensureConnected();
  }

  /** One whose twin is in flight elsewhere needs no connection yet: a device that closes each could go on for ever. */
  private isAnySendable(): boolean {
    for (const request of this.requests.waiting) if (!this.requests.isInFlight(request.msgId)) return true;
    return false;
  }

  /** Sends what waits, the oldest first, as long as there is room. */
  private fillRoom(): void {
    for (const request of this.requests.waiting) {
      const { session } = this.connector;
      if (!session?.hasRoom) break;
      if (this.canSend(session, request)) this.send(session, request);
    }
  }

  private canSend(session: Session, request: PendingRequest<Session>): boolean {
    // Two devices with the same msg_id at once: their replies could not be distinguished.
    return this.requests.waiting.has(request) && session.hasRoom && !this.requests.isInFlight(request.msgId);
  }

  private waitForRoom(request: PendingRequest<Session>): void {
    const { ioTimeoutMs } = this.settingsOf(request);
    request.waitForRoom(ioTimeoutMs, () => this.fail(request, noRoom(ioTimeoutMs)));
  }

  private send(session: Session, request: PendingRequest<Session>): void {
    const { ioTimeoutMs } = this.settingsOf(request);
    const { outstanding } = session;
    const isAmbiguous =
      outstanding.isAmbiguous(request.deviceId, request.msgId) ||
      outstanding.wasAnsweredToOther(request.deviceId, request.msgId);
    if (isAmbiguous) return this.connector.drain(session);
    this.connector.resetStaleSessions(session, request);
    // A reset sends requests of that session back to wait, which may have sent this one or used up the room.
    if (!this.canSend(session, request)) return;
    this.requests.addInFlight(request);
    request.startSend(session, ioTimeoutMs, () => {
      this.giveUp(session, request, notSent(ioTimeoutMs));
      // What is stuck would go out late if the device ever read again.
      session.fail({ error: 'a packet could not be sent', cause: 'connection_given_up' });
    });
    session.send(request, () => {
      if (request.hasEnded || request.session !== session) return;
      request.sent(session, ioTimeoutMs, () => this.replyTimedOut(session, request));
      this.sendWaiting();
    });
  }

  private replyTimedOut(session: Session, request: PendingRequest<Session>): void {
    const { sentAt = 0 } = request;
    this.giveUp(session, request, noReply(this.settingsOf(request).ioTimeoutMs, session, request));
    // Silent since the packet left, the connection may be dead.
    if (!session.isShared || session.lastReceivedAt < sentAt || session.outstanding.areTooMany) this.drain(session);
  }

  private cancel(request: PendingRequest<Session>): void {
    const { session } = request;
    if (!session) return this.fail(request, CANCELLED);
    this.giveUp(session, request, CANCELLED);
    if (session.isShared && !session.outstanding.areTooMany) this.sendWaiting();
    else this.drain(session);
  }

  private drain(session: Session): void {
    this.connector.drain(session);
    this.sendWaiting();
  }

  private settle(session: Session, request: PendingRequest<Session>, answer: Answer): void {
    // A late reply can come by another session than the one that has the packet of the current attempt.
    if (request.session !== session) request.session?.outstanding.giveUp(request);
    // A bad one does not show that the packet arrived: it may have been meant for another one, or for none.
    if (answer.kind === 'bad') session.outstanding.giveUp(request);
    else session.settle(request);
    this.requests.remove(request);
    request.reply(answer);
  }

  private giveUp(session: Session, request: PendingRequest<Session>, failed: StepFailure): void {
    session.outstanding.giveUp(request);
    this.fail(request, failed);
  }

  private fail(request: PendingRequest<Session>, failed: StepFailure): void {
    this.requests.remove(request);
    request.fail(failed);
  }

  private settingsOf({ attempt }: PendingRequest<Session>): AttemptSettings {
    return attempt.settings ?? this.settings;
  }

  private decodeError(request: PendingRequest<Session> | undefined, error: ProtocolError): void {
    this.reporter.decodeError(request?.deviceId ?? this.settings.deviceId, error, request?.msgId);
  }
}

/** With several in flight it is not known which of them a wrong id was meant for. */
function noteOtherMsgId(session: Session, msgId: string): void {
  const { outstanding } = session;
  const { only } = outstanding;
  if (only && !outstanding.wasGivenUp(only.deviceId, msgId)) only.sawOtherMsgId = true;
}

const UNSOLICITED = new ProtocolError('unsolicited', 'bytes that no toggle asked for');
