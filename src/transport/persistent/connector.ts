/** Which persistent connection is the current one: connects, reconnects, and ends the others. */
import type { Clock } from '../../clock';
import type { ConnectionState } from '../../observer';
import type { Connect, SocketFailure } from '../socket';
import type { StepFailure, TransportSettings } from '../transport';
import type { PendingRequest } from './pending-request';
import { Session, type SessionListener } from './session';

/** What the connector reports, besides what sessions do. */
export interface ConnectorListener extends Omit<SessionListener, 'freed'> {
  stateChanged(): void;
}

export class Connector {
  /** Why the last connection ended or did not come about. */
  lastProblem: SocketFailure | undefined;
  private current: Session | undefined;
  private currentState: ConnectionState = 'disconnected';
  private wasLost = false;
  /** Whether a connection was lost in use, or could not be opened, since the device answered last. */
  private isFailing = false;
  /** Whether every session is being ended: what would be sent again must not open another one. */
  private isClosing = false;
  /** Whether to connect as soon as the sessions that were closed in order are freed. */
  private isWaitingForFree = false;
  /** Sessions whose socket is not freed yet. */
  private readonly sessions = new Set<Session>();
  /** Those of them that were closed in order; a device that takes one connection at a time still counts them. */
  private readonly closing = new Set<Session>();

  constructor(
    private settings: TransportSettings,
    private readonly clock: Clock,
    private readonly connect: Connect,
    private readonly listener: ConnectorListener,
  ) {}

  get state(): ConnectionState {
    return this.currentState;
  }

  /** Whether the last connection was lost or could not be opened, and none was since. */
  get isLost(): boolean {
    return this.wasLost;
  }

  /** Where new packets go, once it has room. */
  get session(): Session | undefined {
    return this.current;
  }

  /** Whether a socket is not freed yet. */
  get hasSessions(): boolean {
    return this.sessions.size > 0;
  }

  /** Takes other settings for later connections. */
  configure(settings: TransportSettings): void {
    this.settings = settings;
  }

  /** Connects at once unless a connection is open or being opened, or one that was closed in order is not freed yet. */
  ensureConnected(): void {
    if (this.current || this.isClosing) return;
    if (this.closing.size > 0) this.isWaitingForFree = true;
    else this.open();
  }

  /** What is opened next does not replace a connection that failed. */
  deviceAnswered(): void {
    this.isFailing = false;
  }

  /** Sends nothing on the session any more, but lets it wait for late replies if these would name their toggle. */
  drain(session: Session): void {
    if (this.current !== session) return;
    if (session.outstanding.areAllAnswered) return this.closeServed(session);
    this.current = undefined;
    this.lastProblem = { error: 'no reply came over the last connection', cause: 'no_reply' };
    this.changeState('disconnected', false);
    if (session.isDrainable) session.drain();
    else session.fail({ ...this.lastProblem, cause: 'connection_given_up' });
  }

  /** Closes a session in order on which nothing is missing; a device that takes one connection at a time gets its time. */
  closeServed(session: Session): void {
    if (this.current === session) {
      this.current = undefined;
      this.changeState('disconnected', false);
    }
    this.closing.add(session);
    session.close();
  }

  /**
   * Before a request is sent on `session`: resets every other session on which an older command for the same device id
   * may still be on its way. It must not arrive after the newer one was confirmed. The same for a session on which a late
   * reply for another device id would look like the reply to this request.
   */
  resetStaleSessions(session: Session, { deviceId, msgId }: PendingRequest<Session>): void {
    for (const other of this.sessions) {
      const { outstanding } = other;
      const isStale = outstanding.hasOlder(deviceId, msgId) || outstanding.isAmbiguous(deviceId, msgId);
      if (other !== session && isStale) {
        other.fail({ error: 'an older command was given up', cause: 'connection_given_up' });
      }
    }
  }

  /** Closes until a connection is needed again; what is in flight still gets its reply. */
  closeIdle(): void {
    const session = this.current;
    this.isWaitingForFree = false;
    this.isFailing = false;
    this.current = undefined;
    this.changeState('disconnected', false);
    if (session && session.outstanding.inFlightCount > 0) session.drain();
    else session?.close();
  }

  /** Closes, and resets every session on which an answer is missing. */
  closeUnused(): void {
    this.closeIdle();
    for (const session of this.sessions) {
      if (!session.outstanding.areAllAnswered)
        session.fail({ error: 'the connection is not used any more', cause: 'connection_given_up' });
    }
  }

  /** Ends every session: what is in flight is reset. */
  close(): void {
    this.isClosing = true;
    this.closeIdle();
    for (const session of this.sessions) session.fail({ error: 'the device was closed', cause: 'closed' });
    this.isClosing = false;
  }

  private open(): void {
    const { listener } = this;
    const session = new Session(this.settings, this.clock, this.connect, {
      opened: (opened) => this.opened(opened),
      notOpened: (closed, failed) => this.notOpened(closed, failed),
      received: (from, chunk) => listener.received(from, chunk),
      answered: (from, answer) => listener.answered(from, answer),
      unsolicited: (from) => listener.unsolicited(from),
      protocolError: (from, error, bytes) => listener.protocolError(from, error, bytes),
      closed: (from, why) => this.closed(from, why),
      freed: (freed) => this.freed(freed),
    });
    this.sessions.add(session);
    this.current = session;
    // Last: an observer that hears of it may close the device.
    this.changeState(this.isFailing ? 'reconnecting' : 'connecting');
  }

  private opened(session: Session): void {
    this.changeState('connected');
    // Unless an observer that heard of it has ended the connection.
    if (this.current === session) this.listener.opened(session);
  }

  private notOpened(session: Session, failed: StepFailure): void {
    if (this.current !== session) return;
    this.current = undefined;
    this.isFailing = true;
    this.lastProblem = failed;
    this.changeState('disconnected', true);
    // An observer that heard of it may have switched something: what waits goes on waiting for the next connection then.
    if (!this.current) this.listener.notOpened(session, failed);
  }

  private closed(session: Session, why: SocketFailure): void {
    if (this.current === session) {
      this.current = undefined;
      // A device may close an idle connection; this is not a failure.
      if (session.outstanding.inFlightCount > 0) this.isFailing = true;
      this.lastProblem = why;
      this.changeState('disconnected', true);
    }
    this.listener.closed(session, why);
  }

  private freed(session: Session): void {
    this.sessions.delete(session);
    this.closing.delete(session);
    if (!this.isWaitingForFree || this.closing.size > 0) return;
    this.isWaitingForFree = false;
    this.ensureConnected();
  }

  /** While a lost connection is reopened, it stays lost. */
  private changeState(state: ConnectionState, isLost = this.wasLost && state !== 'connected'): void {
    if (this.currentState === state && this.wasLost === isLost) return;
    this.currentState = state;
    this.wasLost = isLost;
    this.listener.stateChanged();
  }
}
