/** One attempt over a persistent connection: waiting for a connection, being sent, or waiting for its reply. */
import type { Clock } from '../../clock';
import type { Answer } from '../../protocol/reply-stream';
import type { AttemptReporter } from '../attempt-reporter';
import type { SocketFailure } from '../socket';
import type { Attempt, AttemptResult, StepFailure } from '../transport';
import { MovableDeadline } from './movable-deadline';

/** What a request needs of the connection that carries it. */
export interface Carrier {
  /** The first bytes that came over it before anything was asked. */
  readonly greeting: Uint8Array;
}

type State<Session> =
  /** `sendUntil`: when it must be sent; known from when a connection is open. */
  | { readonly kind: 'waiting'; readonly sendUntil?: number }
  | { readonly kind: 'sending'; readonly session: Session }
  | { readonly kind: 'sent'; readonly session: Session; readonly sentAt: number }
  | { readonly kind: 'ended' };

/** `Session` is what carries it: a parameter, because a session knows its requests as well. */
export class PendingRequest<Session extends Carrier> {
  /** Whether its packet was sent again because an idle connection turned out closed; that is done once. */
  wasResent = false;
  /** Whether a reply came that named no toggle of ours. */
  sawOtherMsgId = false;
  private state: State<Session> = { kind: 'waiting' };
  private readonly startedAt: number;
  private readonly deadline: MovableDeadline;

  /** `onCancel` is called when the attempt is stopped before it ends. */
  constructor(
    readonly attempt: Attempt,
    private readonly clock: Clock,
    private readonly reporter: AttemptReporter,
    private readonly resolve: (result: AttemptResult) => void,
    private readonly onCancel: () => void,
  ) {
    this.startedAt = clock.now();
    this.deadline = new MovableDeadline(clock);
    attempt.signal.onStop(onCancel);
  }

  get msgId(): string {
    return this.attempt.request.msgId;
  }

  get deviceId(): string {
    return this.attempt.request.deviceId;
  }

  get hasEnded(): boolean {
    return this.state.kind === 'ended';
  }

  /** The connection that has its packet, or a part of it. */
  get session(): Session | undefined {
    return 'session' in this.state ? this.state.session : undefined;
  }

  /** Undefined until the whole packet was handed to the operating system. */
  get sentAt(): number | undefined {
    return this.state.kind === 'sent' ? this.state.sentAt : undefined;
  }

  /** Waits for a connection, with the deadline for connecting; called again for each new wait. */
  waitForConnection(timeoutMs: number, onLate: () => void): void {
    this.state = { kind: 'waiting' };
    this.deadline.set(timeoutMs, onLate);
  }

  /** A connection is open, but has no room: from now on the deadline for the send runs. Calls after the first do nothing. */
  waitForRoom(timeoutMs: number, onLate: () => void): void {
    if (this.state.kind !== 'waiting' || this.state.sendUntil !== undefined) return;
    this.state = { kind: 'waiting', sendUntil: this.clock.now() + timeoutMs };
    this.deadline.set(timeoutMs, onLate);
  }

  startSend(session: Session, timeoutMs: number, onLate: () => void): void {
    const sendUntil = this.state.kind === 'waiting' ? this.state.sendUntil : undefined;
    const leftMs = sendUntil === undefined ? timeoutMs : Math.max(0, sendUntil - this.clock.now());
    this.state = { kind: 'sending', session };
    this.deadline.set(leftMs, onLate);
  }

  /** All of the packet was handed to the operating system: from now on the deadline for the reply runs. */
  sent(session: Session, timeoutMs: number, onLate: () => void): void {
    const sentAt = this.clock.now();
    this.state = { kind: 'sent', session, sentAt };
    this.deadline.set(timeoutMs, onLate);
    this.reporter.sent(this.attempt, sentAt - this.startedAt);
  }

  /** Ends in time what is due by then. */
  passBy(time: number): void {
    this.deadline.passBy(time);
  }

  reply(answer: Answer): void {
    const now = this.clock.now();
    const sentAt = this.sentAt ?? now;
    const greeting = this.session?.greeting;
    this.end(() => this.reporter.replied(this.attempt, answer, now - sentAt, greeting));
  }

  /** It gets no reply. Once a connection has its packet, or a part of it, the device may have received it. */
  fail(failed: StepFailure): void {
    const now = this.clock.now();
    const { sentAt, session } = this;
    if (sentAt !== undefined) {
      return this.end(() => this.reporter.noReply(this.attempt, failed, now - sentAt, session?.greeting));
    }
    const maybeDelivered = this.wasResent || session !== undefined;
    // A connection that closed under a packet failed to send it.
    const failure = failed.failure === 'connection_closed' ? 'send_failed' : failed.failure;
    this.end(() => this.reporter.notSent(this.attempt, { ...failed, failure }, now - this.startedAt, maybeDelivered));
  }

  /** Its connection was closed while idle: reports that, and goes back to waiting. */
  prepareResend(why: SocketFailure): void {
    const closed = { failure: 'connection_closed', ...why } as const;
    if (this.sentAt !== undefined) this.reporter.noReply(this.attempt, closed, this.clock.now() - this.sentAt);
    this.wasResent = true;
    if (!this.hasEnded) this.state = { kind: 'waiting' };
  }

  private end(resultOf: () => AttemptResult): void {
    if (this.state.kind === 'ended') return;
    this.state = { kind: 'ended' };
    this.deadline.clear();
    this.attempt.signal.removeListener(this.onCancel);
    this.resolve(resultOf());
  }
}
