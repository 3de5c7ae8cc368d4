/** Publishes each verdict until the broker has confirmed it. */
import type { Clock } from '../clock';
import type { BrokerChannel, OutgoingMessage } from './amqp/broker';

/** After the broker refused a verdict, because its queue is full. */
const RETRY_MS = 500;

interface Pending {
  readonly message: () => OutgoingMessage;
  readonly resolve: () => void;
}

/** What waits is as much as the worker has under way: nothing is acknowledged before. */
export class VerdictPublisher {
  private channel: BrokerChannel | undefined;
  private readonly pending = new Set<Pending>();

  /** `failed`: the broker does not take what is published, and why. `worked`: it has taken something. */
  constructor(
    private readonly clock: Clock,
    private readonly events: { failed(error: unknown): void; worked(): void },
  ) {}

  /** Resolves when the broker has it; never rejects. `message` is called each time that it is sent. */
  publish(message: () => OutgoingMessage): Promise<void> {
    return new Promise((resolve) => {
      const pending = { message, resolve };
      this.pending.add(pending);
      void this.send(pending);
    });
  }

  /** A new channel, on which everything that was not confirmed goes out once more. */
  opened(channel: BrokerChannel): void {
    this.channel = channel;
    for (const pending of this.pending) void this.send(pending);
  }

  closed(): void {
    this.channel = undefined;
  }

  private async send(pending: Pending): Promise<void> {
    try {
      const result = await this.channel?.publish(pending.message());
      if (result === undefined) return;
      if (result === 'refused') {
        this.clock.after(RETRY_MS, () => void this.send(pending));
        return;
      }
      this.events.worked();
      this.pending.delete(pending);
      pending.resolve();
    } catch (error) {
      // The channel is closed, perhaps because of this; the next one sends it again.
      this.events.failed(error);
    }
  }
}
