/** A channel of rabbitmq-client, which never throws into an event of its connection. */
import type { AsyncMessage, Channel } from 'rabbitmq-client';
import { callSafely } from '../../call-safely';
import { errorText } from '../../printable';
import {
  BrokerError,
  type Binding,
  type BrokerChannel,
  type BrokerMessage,
  type ExchangeDeclaration,
  type OutgoingMessage,
  type PublishResult,
  type QueueDeclaration,
} from './broker';

/** Persistent, in the words of AMQP. */
const PERSISTENT = { durable: true, contentType: 'application/json' } as const;

export class RabbitChannel implements BrokerChannel {
  private readonly listeners = new Set<() => void>();
  /** Message ids of the messages that no queue took. */
  private readonly returned = new Set<string>();
  private prefetch = 0;

  constructor(private readonly channel: Channel) {
    // What made the channel close is an answer to a call as well, or nothing that anybody waits for.
    channel.on('error', () => undefined);
    channel.on('close', () => {
      const listeners = [...this.listeners];
      this.listeners.clear();
      for (const listener of listeners) callSafely(listener, warn);
    });
    channel.on('basic.return', ({ messageId }) => {
      if (typeof messageId === 'string') this.returned.add(messageId);
    });
    // Consumers end when their queue is deleted; a channel without its consumer is of no use.
    channel.on('basic.cancel', () => void this.close());
  }

  get isOpen(): boolean {
    return this.channel.active;
  }

  onClose(listener: () => void): void {
    if (this.isOpen) this.listeners.add(listener);
    else callSafely(listener, warn);
  }

  declareExchange(exchange: ExchangeDeclaration): Promise<void> {
    return this.ask(this.channel.exchangeDeclare({ ...exchange, durable: true }));
  }

  async declareQueue({ arguments: given = {}, ...queue }: QueueDeclaration): Promise<void> {
    await this.ask(this.channel.queueDeclare({ ...queue, arguments: { ...given } }));
  }

  async deleteQueue(queue: string): Promise<void> {
    await this.ask(this.channel.queueDelete({ queue }));
  }

  bind(binding: Binding): Promise<void> {
    return this.ask(this.channel.queueBind(binding));
  }

  async consumerCount(queue: string): Promise<number> {
    return (await this.ask(this.channel.queueDeclare({ queue, passive: true }))).consumerCount;
  }

  async consume(queue: string, prefetch: number, handle: (message: BrokerMessage) => void): Promise<void> {
    this.prefetch = prefetch;
    await this.ask(this.channel.basicQos({ prefetchCount: prefetch }));
    await this.ask(
      this.channel.basicConsume({ queue }, (message: AsyncMessage) => {
        // One that was read before the channel was closed, and comes again.
        if (this.isOpen) callSafely(() => handle(message), warn);
      }),
    );
  }

  acknowledge(deliveryTag: number): void {
    if (this.isOpen) callSafely(() => this.channel.basicAck({ deliveryTag }), warn);
  }

  async flushed(): Promise<void> {
    // A channel is handled in order: with the answer to this, all that came before has been read.
    await this.ask(this.channel.basicQos({ prefetchCount: this.prefetch })).catch(() => undefined);
  }

  confirmPublishing(): Promise<void> {
    return this.ask(this.channel.confirmSelect());
  }

  async publish({ body, ...envelope }: OutgoingMessage): Promise<PublishResult> {
    try {
      await this.ask(this.channel.basicPublish({ ...envelope, ...PERSISTENT }, body));
    } catch (error) {
      if (error instanceof BrokerError && error.code === 'NACK') return 'refused';
      throw error;
    }
    if (envelope.mandatory !== true) return 'confirmed';
    // The library reports what comes back one turn after its confirmation.
    await new Promise((resolve) => setImmediate(resolve));
    return this.returned.delete(envelope.messageId) ? 'returned' : 'confirmed';
  }

  async close(): Promise<void> {
    await this.channel.close().catch(() => undefined);
  }

  /** Rejects when the channel is closed, whatever becomes of the call. */
  private ask<T>(call: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      // After the answer that closes it, which says why.
      const closed = () => setImmediate(() => reject(new BrokerError('CLOSED', 'the channel to the broker is closed')));
      this.onClose(closed);
      call.finally(() => this.listeners.delete(closed)).then(resolve, (error: unknown) => reject(brokerError(error)));
    });
  }
}

function brokerError(error: unknown): BrokerError {
  const { code } = (error ?? {}) as { code?: unknown };
  return new BrokerError(typeof code === 'string' ? code : 'ERROR', errorText(error));
}

function warn(error: unknown): void {
  process.emitWarning(errorText(error));
}
