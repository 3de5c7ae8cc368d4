/** One persistent connection: what it carries, what it still owes, and when it ends. */
import { deadline, type CancelTimer, type Clock } from '../../clock';
import { ProtocolError } from '../../protocol/protocol-error';
import { ReplyStream, type Answer } from '../../protocol/reply-stream';
import type { ClientSocket, Connect, SocketFailure } from '../socket';
import type { StepFailure, TransportSettings } from '../transport';
import type { PendingRequest } from './pending-request';

/** What a session reports, in this order: opened or not; answers; perhaps one protocol error; closed; freed. */
export interface SessionListener {
  opened(session: Session): void;
  notOpened(session: Session, failed: StepFailure): void;
  answered(session: Session, answer: Answer): void;
  /** Bytes came that no request asked for. */
  unsolicited(session: Session): void;
  /** The stream of replies is broken. `bytes` is what was received of the broken reply. */
  protocolError(session: Session, error: ProtocolError, bytes: Uint8Array): void;
  /** It carries nothing any more; requests that are in flight on it get no reply. */
  closed(session: Session, reason: string): void;
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
/** Device ids whose missing replies are remembered; with more, the connection is not worth keeping. */
const MAX_OWING_IDS = 1000;

export class Session {
  /** Requests whose packet went out here, by msg_id. */
  readonly inFlight = new Map<string, PendingRequest<Session>>();
  /** When the latest bytes came. */
  lastReceivedAt = -Infinity;
  private state: State;
  private readonly socket: ClientSocket;
  private readonly stream: ReplyStream;
  /** The msg_id in flight of each device id; a lane sends one at a time. */
  private readonly inFlightIds = new Map<string, string>();
  /** msg_ids that were given up without a reply, by device id: they may still be on their way to the device. */
  private readonly unanswered = new Map<string, Set<string>>();
  private cancelFrameDeadline: CancelTimer | undefined;
  private hasServed = false;
  /** Whether bytes came since it was idle. */
  private receivedSinceIdle = false;

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    connect: Connect,
    private readonly listener: SessionListener,
  ) {
    const { connectTimeoutMs } = settings;
    this.stream = new ReplyStream(settings.reply);
    const late = { failure: 'connection_failed', error: `no connection within ${connectTimeoutMs} ms` } as const;
    const cancelDeadline = deadline(clock, connectTimeoutMs, () => this.notOpened(late));
    this.state = { kind: 'connecting', cancelDeadline };
    this.socket = connect(settings, {
      connected: () => this.open(),
      data: (chunk) => this.receive(chunk),
      failed: (failure) => this.socketFailed(failure),
      closed: () => listener.freed(this),
    });
  }

  /** Whether it can take a packet now. */
  get hasRoom(): boolean {
    if (this.state.kind !== 'open') return false;
    return this.state.isShared ? this.socket.unsentBytes < MAX_UNSENT_BYTES : this.inFlight.size === 0;
  }

  get isOpen(): boolean {
    return this.state.kind === 'open';
  }

  /** Whether a reply that came late would name its toggle. */
  get isShared(): boolean {
    return this.state.kind === 'open' && this.state.isShared;
  }

  get isDrainable(): boolean {
    return this.settings.reply !== 'any';
  }

  /** Whether it may have been closed while it was idle: it had served before, and nothing came since it got busy. */
  get wasClosedWhileIdle(): boolean {
    return this.hasServed && !this.receivedSinceIdle;
  }

  /** Whether it has given up more replies than it can remember. */
  get owesTooMuch(): boolean {
    return this.unanswered.size > MAX_OWING_IDS;
  }

  /** Whether another command than `msgId` for this device id may still be on its way. */
  owes(deviceId: string, msgId: string): boolean {
    const inFlight = this.inFlightIds.get(deviceId);
    if (inFlight !== undefined && inFlight !== msgId) return true;
    for (const each of this.unanswered.get(deviceId) ?? []) if (each !== msgId) return true;
    return false;
  }

  /** Whether it gave up this request, so that a reply to it may still come. */
  gaveUp(deviceId: string, msgId: string): boolean {
    return this.unanswered.get(deviceId)?.has(msgId) === true;
  }

  send(request: PendingRequest<Session>, onSent: () => void): void {
    if (this.inFlight.size === 0) this.receivedSinceIdle = false;
    this.inFlight.set(request.msgId, request);
    this.inFlightIds.set(request.deviceId, request.msgId);
    this.socket.write(request.attempt.packet, onSent);
  }

  /** A reply to the request came: what its device id owed before was delivered before it. */
  settle(request: PendingRequest<Session>): void {
    this.hasServed = true;
    this.forgetInFlight(request);
    this.unanswered.delete(request.deviceId);
  }

  /** A reply came that nobody waits for any more. */
  forgetUnanswered(msgId: string): void {
    for (const [deviceId, msgIds] of this.unanswered) {
      if (msgIds.delete(msgId) && msgIds.size === 0) this.unanswered.delete(deviceId);
    }
  }

  /** Nobody waits for the reply to this request any more. */
  giveUp(request: PendingRequest<Session>): void {
    const { deviceId, msgId } = request;
    this.forgetInFlight(request);
    const msgIds = this.unanswered.get(deviceId) ?? new Set();
    this.unanswered.set(deviceId, msgIds.add(msgId));
  }

  /** Takes nothing more, and closes once late replies have had their time. */
  drain(): void {
    if (this.state.kind !== 'open') return;
    const cancelDrain = this.clock.after(this.settings.ioTimeoutMs, () => this.endDrain());
    this.state = { kind: 'draining', cancelDrain };
  }

  /** Closes in order if everything was answered; resets otherwise, so that nothing is delivered late. */
  close(): void {
    if (this.unanswered.size > 0 || this.inFlight.size > 0) return this.fail('the connection was given up');
    this.enterClosed();
    this.socket.end();
  }

  /** Resets; requests in flight get no reply. */
  fail(reason: string): void {
    if (this.state.kind === 'closed') return this.socket.reset();
    this.enterClosed();
    this.socket.reset();
    this.listener.closed(this, reason);
  }

  private forgetInFlight({ deviceId, msgId }: PendingRequest<Session>): void {
    this.inFlight.delete(msgId);
    if (this.inFlightIds.get(deviceId) === msgId) this.inFlightIds.delete(deviceId);
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
    if (this.state.kind === 'connecting') return this.listener.unsolicited(this);
    if (this.state.kind === 'closed') return;
    // Until replies name their toggle, what comes while nobody waits is a greeting or a second answer.
    if (this.state.kind === 'open' && !this.state.isShared && this.inFlight.size === 0) {
      return this.listener.unsolicited(this);
    }
    let answers = 0;
    const error = this.stream.push(chunk, (answer) => {
      answers += 1;
      if (answer.kind === 'framed' && this.state.kind === 'open') this.state = { kind: 'open', isShared: true };
      this.listener.answered(this, answer);
    });
    if (error) return this.protocolError(error, chunk);
    this.watchFrame(answers > 0);
  }

  /** A reply that stays incomplete swallows every one after it: it has as long as a whole reply has. */
  private watchFrame(isNew: boolean): void {
    if (isNew || !this.stream.isInsideReply) this.endFrameWatch();
    if (!this.stream.isInsideReply || this.cancelFrameDeadline || this.state.kind === 'closed') return;
    const { ioTimeoutMs } = this.settings;
    this.cancelFrameDeadline = deadline(this.clock, ioTimeoutMs, () => {
      const message = `a reply stayed incomplete for ${ioTimeoutMs} ms`;
      this.protocolError(new ProtocolError('truncated', message), new Uint8Array());
    });
  }

  private endFrameWatch(): void {
    this.cancelFrameDeadline?.();
    this.cancelFrameDeadline = undefined;
  }

  private protocolError(error: ProtocolError, bytes: Uint8Array): void {
    if (this.state.kind === 'closed') return;
    this.listener.protocolError(this, error, bytes);
    this.fail(error.message);
  }

  private socketFailed({ error, nonRetryable }: SocketFailure): void {
    if (this.state.kind === 'connecting') {
      return this.notOpened({ failure: 'connection_failed', error, ...(nonRetryable && { nonRetryable }) });
    }
    if (this.state.kind === 'closed') return;
    const truncated = this.stream.end();
    if (truncated) this.protocolError(truncated, new Uint8Array());
    else this.fail(error);
  }

  private endDrain(): void {
    if (this.state.kind === 'draining') this.close();
  }

  private enterClosed(): void {
    if (this.state.kind === 'connecting') this.state.cancelDeadline();
    if (this.state.kind === 'draining') this.state.cancelDrain();
    this.endFrameWatch();
    this.state = { kind: 'closed' };
  }
}
