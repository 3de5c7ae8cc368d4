/** What a fleet needs of a message broker; tests give it one without sockets. */
import type { BrokerAddress } from './address';

/** A message as the broker delivers it. Nothing in it has been checked. */
export interface BrokerMessage {
  readonly deliveryTag: number;
  readonly routingKey: string;
  readonly redelivered: boolean;
  /** Bytes, text or, if the sender called it JSON, the value. */
  readonly body: unknown;
  readonly replyTo?: unknown;
  readonly messageId?: unknown;
}

export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly messageId: string;
  readonly replyTo?: string;
  /** Whether the broker sends it back if no queue takes it. */
  readonly mandatory?: boolean;
}

/** `confirmed`: a queue has it. `returned`: no queue is bound. `refused`: a queue is full. */
export type PublishResult = 'confirmed' | 'returned' | 'refused';

export interface QueueDeclaration {
  readonly queue: string;
  readonly durable?: boolean;
  readonly exclusive?: boolean;
  readonly arguments?: Readonly<Record<string, string | number | boolean>>;
}

export interface ExchangeDeclaration {
  readonly exchange: string;
  readonly type: string;
}

export interface Binding {
  readonly exchange: string;
  readonly queue: string;
  readonly routingKey: string;
}

/** A failure that the broker reported, which closed the channel. */
export class BrokerError extends Error {
  constructor(
    /** Such as NOT_FOUND. */
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A channel, closed by the loss of its connection or by the first error. Promises of a closed channel reject. */
export interface BrokerChannel {
  readonly isOpen: boolean;
  /** Calls `listener` once, when the channel is closed by whomever; at once if it is closed. */
  onClose(listener: () => void): void;
  declareExchange(exchange: ExchangeDeclaration): Promise<void>;
  declareQueue(queue: QueueDeclaration): Promise<void>;
  deleteQueue(queue: string): Promise<void>;
  bind(binding: Binding): Promise<void>;
  /** Consumers of a queue that exists; of a queue with a single active consumer, 1 or 0. */
  consumerCount(queue: string): Promise<number>;
  /** Passes on every message from now on, until the channel is closed. */
  consume(queue: string, prefetch: number, handle: (message: BrokerMessage) => void): Promise<void>;
  /** Does nothing once the channel is closed: the tag would mean another message on another channel. */
  acknowledge(deliveryTag: number): void;
  /** Resolves when the broker has read everything that was sent on this channel before, or the channel is closed. */
  flushed(): Promise<void>;
  /** The broker answers every message of a channel that publishes; call once, before the first. */
  confirmPublishing(): Promise<void>;
  /** In the order of the calls. */
  publish(message: OutgoingMessage): Promise<PublishResult>;
  close(): Promise<void>;
}

export interface BrokerEvents {
  connected(): void;
  /** Not connected any more, or not at first; it goes on trying. `error` has no secret in it. */
  lost(error: string): void;
}

export interface BrokerConnection {
  openChannel(): Promise<BrokerChannel>;
  /** Closes the channels with the connection; takes a second at most. */
  close(): Promise<void>;
}

/** Connects, and connects again whenever the connection is lost. */
export type ConnectBroker = (address: BrokerAddress, events: BrokerEvents) => Promise<BrokerConnection>;
