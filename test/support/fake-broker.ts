/** A broker without sockets: channels whose answers the test decides. */
import type {
  BrokerChannel,
  BrokerConnection,
  BrokerEvents,
  BrokerMessage,
  OutgoingMessage,
  PublishResult,
} from '../../src/fleet/amqp/broker';
import { BrokerError } from '../../src/fleet/amqp/broker';

export class FakeChannel implements BrokerChannel {
  isOpen = true;
  readonly acknowledged: number[] = [];
  readonly published: OutgoingMessage[] = [];
  readonly consumers = new Map<string, (message: BrokerMessage) => void>();
  private readonly listeners = new Set<() => void>();

  constructor(private readonly broker: FakeBroker) {}

  onClose(listener: () => void): void {
    if (this.isOpen) this.listeners.add(listener);
    else listener();
  }

  async declareExchange(): Promise<void> {}
  async declareQueue(): Promise<void> {}
  async deleteQueue(): Promise<void> {}
  async bind(): Promise<void> {}
  async confirmPublishing(): Promise<void> {}
  async flushed(): Promise<void> {}

  async consumerCount(queue: string): Promise<number> {
    return this.broker.consumerCount(queue);
  }

  async consume(queue: string, _prefetch: number, handle: (message: BrokerMessage) => void): Promise<void> {
    const failure = this.broker.failures.get(queue);
    if (failure) throw failure;
    this.consumers.set(queue, handle);
  }

  acknowledge(deliveryTag: number): void {
    if (this.isOpen) this.acknowledged.push(deliveryTag);
  }

  async publish(message: OutgoingMessage): Promise<PublishResult> {
    this.published.push(message);
    const result = await this.broker.onPublish(message);
    if (!this.isOpen) throw new BrokerError('CLOSED', 'the channel is closed');
    return result;
  }

  async close(): Promise<void> {
    if (this.broker.isBlocked) return new Promise(() => undefined);
    if (!this.isOpen) return;
    this.isOpen = false;
    for (const listener of this.listeners) listener();
  }
}

export class FakeBroker implements BrokerConnection {
  readonly channels: FakeChannel[] = [];
  /** By queue, why it cannot be consumed. */
  readonly failures = new Map<string, Error>();
  events: BrokerEvents | undefined;
  isDown = false;
  /** It reads nothing, as while it has too little memory. */
  isBlocked = false;
  onPublish: (message: OutgoingMessage) => Promise<PublishResult> = async () => 'confirmed';
  /** Of queues that others consume; a name that it throws for does not exist. */
  consumerCount: (queue: string) => number = (queue) => this.consumersOf(queue).length;

  readonly connect = async (_address: unknown, events: BrokerEvents): Promise<BrokerConnection> => {
    this.events = events;
    if (!this.isDown) events.connected();
    return this;
  };

  /** The channels that consume a queue. */
  consumersOf(queue: string): readonly FakeChannel[] {
    return this.channels.filter((channel) => channel.isOpen && channel.consumers.has(queue));
  }

  /** Delivers on the first channel that consumes the queue. */
  deliver(queue: string, message: BrokerMessage): FakeChannel {
    const [channel] = this.consumersOf(queue);
    if (!channel) throw new Error(`nobody consumes ${queue}`);
    channel.consumers.get(queue)?.(message);
    return channel;
  }

  async openChannel(): Promise<BrokerChannel> {
    if (this.isDown) throw new BrokerError('CLOSED', 'not connected');
    const channel = new FakeChannel(this);
    this.channels.push(channel);
    return channel;
  }

  async lose(): Promise<void> {
    this.isDown = true;
    this.events?.lost('gone');
    await this.close();
  }

  comeBack(): void {
    this.isDown = false;
    this.events?.connected();
  }

  async close(): Promise<void> {
    this.isBlocked = false;
    for (const channel of this.channels) await channel.close();
  }
}

let tag = 0;

/** A message as a requester sends it. */
export function commandMessage(fields: object, more: Partial<BrokerMessage> = {}): BrokerMessage {
  const { device_id: routingKey = '' } = fields as { device_id?: string };
  tag += 1;
  const body = Buffer.from(JSON.stringify({ msg_id: `m${tag}`, state: true, ...fields }));
  return { deliveryTag: tag, routingKey, redelivered: false, body, ...more };
}
