/** One persistent connection: what it carries, what it still owes, and when it ends. */
import { deadline, type CancelTimer, type Clock } from '../../clock';
import type { Cause } from '../../outcomes';
import { BegunReply } from '../../protocol/begun-reply';
import { ProtocolError } from '../../protocol/protocol-error';
import { firstBytes } from '../../protocol/reply-cause';
import { ReplyStream, type Answer } from '../../protocol/reply-stream';
import type { ClientSocket, Connect, SocketFailure } from '../socket';
import { lateCause } from '../socket-cause';
import type { StepFailure, TransportSettings } from '../transport';
import { FrameWatch } from './frame-watch';
import { OutstandingRequests } from './outstanding-requests';
import type { PendingRequest } from './pending-request';

/** What a session reports, in this order: opened or not; answers; perhaps one protocol error; closed; freed. */
export interface SessionListener {
  opened(session: Session): void;
  notOpened(session: Session, failed: StepFailure): void;
  /** Bytes came, at any time; before what they amount to. */
  received(session: Session, chunk: Uint8Array): void;
  answered(session: Session, answer: Answer): void;
  /** Bytes came that no request asked for. */
  unsolicited(session: Session): void;
  /** The stream of replies is broken. `bytes` is what was received of the broken reply. */
  protocolError(session: Session, error: ProtocolError, bytes: Uint8Array): void;
  /** It ended; requests that are in flight on it get no reply. */
  closed(session: Session, why: SocketFailure): void;
  /** Its socket is freed. */
  freed(session: Session): void;
}

type State =
  | { readonly kind: 'connecting'; readonly cancelDeadline: CancelTimer }
  /** `isShared`: replies name their toggle, so that many can be in flight. */
  | { readonly kind: 'open'; readonly isShared: boolean }
  /** Takes no more requests, but still listens for late replies. */
  | { readonly kind: 'draining'; readonly cancelDrain: CancelTimer }
  | { readonly kind: 'closed' };

/** Bytes that may wait for a device that reads slowly; a stuck one must not grow memory. */
const MAX_UNSENT_BYTES = 65_536;
const GIVEN_UP: SocketFailure = { error: 'the connection was given up', cause: 'connection_given_up' };

export class Session {
  /** What was sent here and is not answered. */
  readonly outstanding = new OutstandingRequests<Session>();
  /** When the latest bytes came. */
  lastReceivedAt = -Infinity;
  /** The first bytes that came before anything was asked. */
  greeting: Uint8Array = new Uint8Array();
  private state: State;
  private readonly socket: ClientSocket;
  private readonly stream: ReplyStream;
  private readonly frameWatch: FrameWatch;
  private readonly begun = new BegunReply();
  private hasServed = false;
  /** Whether others were in flight when the last packet was sent. */
  private cameInNumbers = false;
  /** Whether bytes came since it was idle. */
  private receivedSinceIdle = false;
  /** Whose reply began last, if it can be told: only one request was in flight then. */
  reader: PendingRequest<Session> | undefined;

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    connect: Connect,
    private readonly listener: SessionListener,
  ) {
    const { connectTimeoutMs, ioTimeoutMs } = settings;
    this.stream = new ReplyStream(settings.reply);
    this.frameWatch = new FrameWatch(clock, ioTimeoutMs, (dueAt) => this.replyStuck(dueAt));
    const cancelDeadline = deadline(clock, connectTimeoutMs, () => {
      const error = `no connection within ${connectTimeoutMs} ms`;
      this.notOpened({ failure: 'connection_failed', error, cause: this.lateCause });
    });
    this.state = { kind: 'connecting', cancelDeadline };
    this.socket = connect(
      { ...settings, staysOpen: true },
      {
        connected: () => this.open(),
        data: (chunk) => this.receive(chunk),
        failed: (failure) => this.socketFailed(failure),
        closed: () => listener.freed(this),
      },
    );
  }

  /** Whether it can take a packet now. */
  get hasRoom(): boolean {
    if (this.state.kind !== 'open') return false;
    return this.state.isShared ? this.socket.unsentBytes < MAX_UNSENT_BYTES : this.outstanding.inFlightCount === 0;
  }

  /** Why it has not opened, while it has not. */
  get lateCause(): Cause {
    return lateCause(this.socket.step);
  }

  get isOpen(): boolean {
    return this.state.kind === 'open';
  }

  /** An answer may have closed it. */
  private get isClosed(): boolean {
    return this.state.kind === 'closed';
  }

  /** Whether a reply that came late would name its toggle. */
  get isShared(): boolean {
    return this.state.kind === 'open' && this.state.isShared;
  }

  /** Whether a reply has begun and is not complete. */
  get isInsideReply(): boolean {
    return this.stream.isInsideReply;
  }

  get isDrainable(): boolean {
    return this.settings.reply !== 'any';
  }

  /** Whether it may have been closed while it was idle: it had served before, and nothing came since it got busy. */
  get wasClosedWhileIdle(): boolean {
    return this.hasServed && !this.receivedSinceIdle;
  }

  send(request: PendingRequest<Session>, onSent: () => void): void {
    const isAlone = this.outstanding.inFlightCount === 0;
    if (isAlone) this.receivedSinceIdle = false;
    this.outstanding.add(request);
    // One that comes alone, like the last one, goes out at once; others are expected to come in numbers.
    const gathers = !isAlone || this.cameInNumbers;
    this.cameInNumbers = !isAlone;
    this.socket.write(request.attempt.packet, onSent, gathers);
  }

  /** A reply to the request came. */
  settle(request: PendingRequest<Session>): void {
    this.hasServed = true;
    this.outstanding.answered(request, this.lastReceivedAt);
    if (this.outstanding.areAllAnswered) this.endDrain();
  }

  /** Takes nothing more, and closes once everything is answered, or late replies have had their time. */
  drain(): void {
    if (this.state.kind !== 'open') return;
    const cancelDrain = this.clock.after(this.settings.ioTimeoutMs, () => this.endDrain());
    this.state = { kind: 'draining', cancelDrain };
  }

  /** Closes in order if everything was answered; resets otherwise, so that nothing is delivered late. */
  close(): void {
    if (!this.outstanding.areAllAnswered) return this.fail(GIVEN_UP);
    this.enterClosed();
    this.socket.end();
  }

  /** Resets; requests in flight get no reply. */
  fail(why: SocketFailure): void {
    if (this.state.kind === 'closed') return this.socket.reset();
    this.enterClosed();
    this.socket.reset();
    this.listener.closed(this, why);
  }

  private open(): void {
    if (this.state.kind !== 'connecting') return;
    this.state.cancelDeadline();
    this.state = { kind: 'open', isShared: this.settings.reply === 'framed' };
    this.listener.opened(this);
  }

  private notOpened(failed: StepFailure): void {
    this.enterClosed();
    this.socket.reset();
    this.listener.notOpened(this, failed);
  }

  private receive(chunk: Uint8Array): void {
    this.lastReceivedAt = this.clock.now();
    this.receivedSinceIdle = true;
    this.listener.received(this, chunk);
    if (this.state.kind === 'connecting') return this.unsolicited(chunk);
    if (this.state.kind === 'closed') return;
    // Until replies name their toggle, bytes that arrive while no request waits are a greeting or a second answer.
    if (this.state.kind === 'open' && !this.state.isShared && this.outstanding.inFlightCount === 0) {
      return this.unsolicited(chunk);
    }
    let answered = 0;
    const error = this.stream.push(chunk, (answer) => {
      answered += answer.bytes.length;
      if (answer.kind === 'framed' && this.state.kind === 'open') this.state = { kind: 'open', isShared: true };
      this.listener.answered(this, answer);
    });
    const { isInsideReply } = this.stream;
    if (error || isInsideReply) this.begun.push(chunk, answered);
    else this.begun.clear();
    if (error) return this.protocolError(error, this.begun.bytes);
    if (!this.isClosed) this.frameWatch.update(isInsideReply, answered > 0);
  }

  /** A reply did not become complete. */
  private replyStuck(dueAt: number): void {
    // Whoever was sent before it began has no time left either.
    for (const request of this.outstanding.requests()) request.passBy(dueAt);
    if (this.isClosed) return;
    const message = `a reply stayed incomplete for ${this.settings.ioTimeoutMs} ms`;
    if (this.outstanding.inFlightCount === 0) return this.fail({ error: message, cause: 'connection_given_up' });
    this.protocolError(new ProtocolError('truncated', message), this.begun.bytes);
  }

  private unsolicited(chunk: Uint8Array): void {
    if (!this.hasServed) this.greeting = firstBytes(this.greeting, chunk);
    this.listener.unsolicited(this);
  }

  private protocolError(error: ProtocolError, bytes: Uint8Array): void {
    if (this.state.kind === 'closed') return;
    this.listener.protocolError(this, error, bytes);
    this.fail({ error: error.message, cause: 'connection_given_up' });
  }

  private socketFailed(failure: SocketFailure): void {
    if (this.state.kind === 'connecting') return this.notOpened({ failure: 'connection_failed', ...failure });
    if (this.state.kind === 'closed') return;
    const truncated = this.stream.end();
    if (truncated) this.protocolError(truncated, this.begun.bytes);
    else this.fail(failure);
  }

  private endDrain(): void {
    if (this.state.kind === 'draining') this.close();
  }

  private enterClosed(): void {
    if (this.state.kind === 'connecting') this.state.cancelDeadline();
    if (this.state.kind === 'draining') this.state.cancelDrain();
    this.frameWatch.stop();
    this.state = { kind: 'closed' };
  }
}
