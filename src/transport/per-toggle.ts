/** `connection: per-toggle`: a connection for each attempt, as a Phase 0 lab device expects. */
import type { Clock } from '../clock';
import type { Observer } from '../observer';
import { ProtocolError } from '../protocol/protocol-error';
import { ReplyReader } from '../protocol/reply-reader';
import { TransientSet } from '../transient';
import { AttemptReporter } from './attempt-reporter';
import { Connection } from './connection';
import { ConnectionTurns, type Addresses, type Turn } from './connection-turns';
import type { Connect } from './socket';
import { CANCELLED, type Attempt, type AttemptResult, type Transport, type TransportSettings } from './transport';

export class PerToggleTransport implements Transport {
  private readonly connections = new TransientSet<Connection>();
  private readonly turns: ConnectionTurns;
  private readonly reporter: AttemptReporter;

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    private readonly observer: Observer,
    private readonly connect: Connect,
    addresses?: Addresses,
  ) {
    this.turns = new ConnectionTurns(settings, clock, addresses);
    this.reporter = new AttemptReporter(observer);
  }

  async exchange(attempt: Attempt): Promise<AttemptResult> {
    const { deviceId, msgId } = attempt.request;
    const startedAt = this.clock.now();
    const turn = await this.turns.next(deviceId, attempt.signal);
    // The wait is part of the attempt, so that its end is reported like every other.
    if (attempt.signal.reason !== undefined) {
      turn.end();
      return this.reporter.notSent(attempt, CANCELLED, this.clock.now() - startedAt, false);
    }
    const { observer } = this;
    const connection = new Connection(this.settingsOf(attempt), this.clock, this.connect, {
      ...(observer.bytesReceived && {
        received: (chunk) => observer.bytesReceived?.(deviceId, msgId, attempt.attempt, chunk),
      }),
      unsolicited: () => this.reporter.decodeError(deviceId, UNSOLICITED, msgId),
      closed: () => {
        this.connections.delete(connection);
        turn.end();
      },
    });
    this.connections.add(connection);
    const cancel = () => connection.cancel();
    attempt.signal.onStop(cancel);
    this.observer.connectionState?.(deviceId, 'connecting');
    try {
      return await this.run(connection, turn, attempt, startedAt);
    } finally {
      attempt.signal.removeListener(cancel);
      this.observer.connectionState?.(deviceId, 'disconnected');
    }
  }

  /** Whether a socket is not freed yet. */
  get hasConnections(): boolean {
    return this.connections.size > 0;
  }

  /** Does nothing, because no connection stays open. */
  closeIdle(): void {}

  close(): void {
    for (const connection of this.connections) connection.reset();
  }

  private async run(connection: Connection, turn: Turn, attempt: Attempt, startedAt: number): Promise<AttemptResult> {
    const { request, packet } = attempt;
    const notConnected = await connection.connect();
    if (notConnected) {
      // Whoever cancels learns nothing of the device.
      if (notConnected.failure !== 'cancelled') turn.refused();
      connection.reset();
      return this.reporter.notSent(attempt, notConnected, this.clock.now() - startedAt, false);
    }
    turn.connected();
    this.observer.connectionState?.(request.deviceId, 'connected');
    // An observer may have stopped the toggle when it heard of that.
    if (attempt.signal.reason !== undefined) {
      return this.reporter.notSent(attempt, CANCELLED, this.clock.now() - startedAt, false);
    }

    const notSent = await connection.send(packet);
    const sentAt = this.clock.now();
    if (notSent) {
      connection.reset();
      // It is not known how much of a failed or hung write was passed on: the device may have received it.
      return this.reporter.notSent(attempt, notSent, sentAt - startedAt, true);
    }
    this.reporter.sent(attempt, sentAt - startedAt);

    const answer = await connection.receive(this.reader(attempt));
    const latencyMs = this.clock.now() - sentAt;
    if ('failure' in answer) {
      connection.reset();
      return this.reporter.noReply(attempt, answer, latencyMs, connection.greeting);
    }
    if (answer.kind === 'bad') {
      connection.reset();
      this.reporter.decodeError(request.deviceId, answer.error, request.msgId);
    } else {
      connection.close();
    }
    return this.reporter.replied(attempt, answer, latencyMs, connection.greeting);
  }

  /** A copy only where an attempt has its own: a spread allocates more than the rest of this class. */
  private settingsOf({ settings }: Attempt): TransportSettings {
    return settings ? { ...this.settings, ...settings } : this.settings;
  }

  private reader({ request: { deviceId, msgId }, settings = this.settings }: Attempt): ReplyReader {
    return new ReplyReader(settings.reply, msgId, (error) => this.reporter.decodeError(deviceId, error, msgId));
  }
}

const UNSOLICITED = new ProtocolError('unsolicited', 'bytes that came before anything was sent');
