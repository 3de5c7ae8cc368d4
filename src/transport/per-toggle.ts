/** Owns `connection: per-toggle`: each attempt on a connection of its own, as a Phase 0 lab device expects. */
import type { Clock } from '../clock';
import { Connection } from './connection';
import { AttemptReporter, type Attempt, type AttemptResult, type Transport, type TransportSettings } from './transport';
import type { Observer } from '../observer';
import { ReplyReader } from '../protocol/reply-reader';

export class PerToggleTransport implements Transport {
  private readonly connections = new Set<Connection>();
  private readonly teller: AttemptReporter;

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    private readonly observer: Observer,
  ) {
    this.teller = new AttemptReporter(observer);
  }

  async exchange(attempt: Attempt): Promise<AttemptResult> {
    const { deviceId } = attempt.request;
    const connection = new Connection(this.settings, this.clock, (gone) => this.connections.delete(gone));
    this.connections.add(connection);
    const cancel = () => connection.cancel();
    attempt.signal.addEventListener('abort', cancel, { once: true });
    this.observer.connectionState?.(deviceId, 'connecting');
    try {
      return await this.talk(connection, attempt);
    } finally {
      attempt.signal.removeEventListener('abort', cancel);
      this.observer.connectionState?.(deviceId, 'disconnected');
    }
  }

  /** Nothing is kept. */
  closeIdle(): void {}

  close(): void {
    for (const connection of this.connections) connection.destroy();
  }

  private async talk(connection: Connection, attempt: Attempt): Promise<AttemptResult> {
    const { connectTimeoutMs, ioTimeoutMs } = this.settings;
    const startedAt = this.clock.now();
    const undialled = await connection.dialled(connectTimeoutMs);
    if (undialled) {
      connection.destroy();
      return this.teller.unsent(attempt, undialled, this.clock.now() - startedAt, false);
    }
    this.observer.connectionState?.(attempt.request.deviceId, 'connected');

    const unsent = await connection.send(attempt.packet, ioTimeoutMs);
    const sentAt = this.clock.now();
    if (unsent) {
      connection.destroy();
      // What a write that failed or hung has passed on is not known: the device may have got it.
      return this.teller.unsent(attempt, unsent, sentAt - startedAt, true);
    }
    this.teller.sent(attempt, sentAt - startedAt);

    const answer = await connection.receive(this.reader(attempt), ioTimeoutMs);
    const latencyMs = this.clock.now() - sentAt;
    if ('failure' in answer) {
      connection.destroy();
      return this.teller.unanswered(attempt, answer, latencyMs);
    }
    if (answer.kind === 'bad') {
      connection.destroy();
      this.teller.decodeError(attempt.request.deviceId, answer.error);
    } else {
      connection.close();
    }
    return this.teller.answered(attempt, answer, latencyMs);
  }

  private reader({ request }: Attempt): ReplyReader {
    const { deviceId, msgId } = request;
    return new ReplyReader(this.settings.reply, msgId, (error) => this.teller.decodeError(deviceId, error));
  }
}
