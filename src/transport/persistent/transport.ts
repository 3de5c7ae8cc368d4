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
  type StepFailure,
  type Transport,
  type TransportSettings,
} from '../transport';
import { ConnectionStateReporter } from './connection-state';
import { Connector, type ConnectorListener } from './connector';
import { OpenRequests } from './open-requests';
import { PendingRequest } from './pending-request';
import { Sender } from './sender';
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
  private readonly sender: Sender;
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
    this.sender = new Sender(this.requests, this.connector, () => this.settings);
    this.states = new ConnectionStateReporter(observer, this.connector);
  }

  /** Whether a socket is not freed yet. */
  get hasConnections(): boolean {
    return this.connector.hasSessions;
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
        this.sender.cancel(request),
      );
      this.sender.enqueue(request);
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
    this.sender.failWaiting({ failure: 'connection_failed', error: 'closed', cause: 'closed' });
  }

  opened(): void {
    this.sender.opened();
  }

  notOpened(_session: Session, failed: StepFailure): void {
    this.sender.failWaiting(failed);
  }

  stateChanged(): void {
    this.states.changed();
  }

  received(session: Session, chunk: Uint8Array): void {
    const { observer } = this;
    if (!observer.bytesReceived) return;
    // The rest of a reply is for whom its beginning was for, or for nobody, whoever was sent in between.
    if (!session.isInsideReply) session.reader = session.outstanding.only;
    const { reader } = session;
    if (reader?.hasEnded === false)
      observer.bytesReceived(reader.deviceId, reader.msgId, reader.attempt.attempt, chunk);
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
      session.outstanding.answeredLate(answer.reply.msgId, session.lastReceivedAt);
    }
    // A raw reply names no toggle, so a second or late one could confirm the wrong toggle.
    if (answer.kind === 'raw' && session.isOpen) this.connector.closeServed(session);
    this.sender.sendWaiting();
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
        if (!request.hasEnded) this.sender.enqueue(request);
      } else {
        request.fail({ failure: 'connection_closed', ...why });
      }
    }
    this.sender.sendWaiting();
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
