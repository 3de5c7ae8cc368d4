/** Sends what waits, the oldest first, over the connection that is open, and gives up what gets no reply in time. */
import { CANCELLED, type AttemptSettings, type StepFailure } from '../transport';
import type { Connector } from './connector';
import { noConnection, noReply, noRoom, notSent } from './late-failures';
import type { OpenRequests } from './open-requests';
import type { PendingRequest } from './pending-request';
import type { Session } from './session';

export class Sender {
  /** `settings` are those of attempts that bring none of their own. */
  constructor(
    private readonly requests: OpenRequests,
    private readonly connector: Connector,
    private readonly settings: () => AttemptSettings,
  ) {}

  /** Sends the request at once if it can; otherwise it waits for a connection, or for room on the one that is open. */
  enqueue(request: PendingRequest<Session>): void {
    this.requests.addWaiting(request);
    this.fillRoom();
    if (!this.requests.waiting.has(request)) return;
    if (this.connector.session?.isOpen) return this.waitForRoom(request);
    this.waitForConnection(request);
    this.connector.ensureConnected();
  }

  sendWaiting(): void {
    this.fillRoom();
    if (!this.connector.session && this.isAnySendable()) this.connector.ensureConnected();
  }

  /** A connection is open. */
  opened(): void {
    this.sendWaiting();
    for (const request of this.requests.waiting) this.waitForRoom(request);
  }

  /** None will be open: ends all that waits. */
  failWaiting(failed: StepFailure): void {
    for (const request of this.requests.waiting) this.fail(request, failed);
  }

  cancel(request: PendingRequest<Session>): void {
    const { session } = request;
    if (!session) return this.fail(request, CANCELLED);
    this.giveUp(session, request, CANCELLED);
    if (session.isShared && !session.outstanding.areTooMany) this.sendWaiting();
    else this.drain(session);
  }

  private waitForConnection(request: PendingRequest<Session>): void {
    const { connectTimeoutMs } = this.settingsOf(request);
    request.waitForConnection(connectTimeoutMs, () =>
      this.fail(request, noConnection(connectTimeoutMs, this.connector)),
    );
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

  private drain(session: Session): void {
    this.connector.drain(session);
    this.sendWaiting();
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
    return attempt.settings ?? this.settings();
  }
}
