/** Connection of a requester to the broker: commands go out on one channel, and verdicts come by a queue of its own. */
import { callSafely } from '../call-safely';
import type { Clock } from '../clock';
import { errorText } from '../printable';
import { newMsgId } from '../protocol/toggle';
import type { Verdict } from '../verdict';
import type { BrokerAddress } from './amqp/address';
import {
  BrokerError,
  type BrokerChannel,
  type BrokerConnection,
  type ConnectBroker,
  type PublishResult,
} from './amqp/broker';
import { KeptChannel } from './amqp/kept-channel';
import { encodeCommand, type FleetCommand } from './command-message';
import { KnownProblems } from './known-problems';
import { COMMANDS, RESULTS } from './topology';
import { decodeVerdict } from './verdict-message';
import { within } from './within';

/** How a requester stands with its broker. */
export type FleetState =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'connected' }
  /** It goes on trying. `error` has no secret in it. */
  | { readonly kind: 'disconnected'; readonly error: string };

export interface RequesterConnectionOptions {
  readonly address: BrokerAddress;
  readonly connect: ConnectBroker;
  readonly clock: Clock;
  /** Verdicts that may wait in its queue. */
  readonly maxWaiting: number;
  readonly onState?: ((state: FleetState) => void) | undefined;
  /** Commands can be sent from now on, until `notReady`. */
  ready(): void;
  notReady(): void;
  verdict(verdict: Verdict): void;
}

/** A reply queue whose requester does not come back goes after this time. */
const REPLY_EXPIRES_MS = 300_000;
/** Verdicts that are read ahead. */
const PREFETCH = 200;
/** Longest time to close the channel. */
const CLOSE_MS = 1000;
/** What may have a problem. */
const BROKER = 'broker';

export class RequesterConnection {
  private readonly replyQueue = `phase0.reply.${newMsgId()}`;
  private readonly connection: Promise<BrokerConnection>;
  private readonly kept: KeptChannel;
  private readonly problems = new KnownProblems();
  private state: FleetState | undefined;
  /** Whether the broker can be reached; a channel may fail all the same. */
  private isReached = false;
  private isClosed = false;

  /** Connects at once. */
  constructor(private readonly options: RequesterConnectionOptions) {
    const { address, connect, clock } = options;
    this.changeState({ kind: 'connecting' });
    this.connection = connect(address, {
      connected: () => {
        this.isReached = true;
      },
      lost: (error) => {
        this.isReached = false;
        this.changeState({ kind: 'disconnected', error });
      },
    });
    this.connection.catch((error: unknown) => this.changeState({ kind: 'disconnected', error: errorText(error) }));
    this.kept = new KeptChannel({
      clock,
      open: async () => (await this.connection).openChannel(),
      prepare: (channel) => this.prepare(channel),
      opened: () => {
        options.ready();
        this.changeState({ kind: 'connected' });
      },
      closed: () => options.notReady(),
      failed: (error) => this.failed(error),
    });
    this.kept.start();
  }

  get isReady(): boolean {
    return this.kept.current !== undefined;
  }

  /** In the order of the calls; rejects if nobody knows whether the broker has it. Undefined if it cannot be sent. */
  send(command: FleetCommand): Promise<PublishResult> | undefined {
    return this.kept.current?.publish({
      exchange: COMMANDS,
      routingKey: command.deviceId,
      body: encodeCommand(command),
      messageId: command.msgId,
      replyTo: this.replyQueue,
      mandatory: true,
    });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    await within(this.options.clock, CLOSE_MS, this.closeChannel());
    // If time was up: it goes with the connection, and is not to be opened again.
    void this.kept.stop();
    const connection = await this.connection.catch(() => undefined);
    await connection?.close();
  }

  private async closeChannel(): Promise<void> {
    await this.kept.current?.deleteQueue(this.replyQueue).catch(() => undefined);
    await this.kept.stop();
  }

  private async prepare(channel: BrokerChannel): Promise<void> {
    const { replyQueue, options } = this;
    await channel.confirmPublishing();
    // It outlives a connection that is lost, and the broker: verdicts that come meanwhile are not lost.
    await channel.declareQueue({
      queue: replyQueue,
      durable: true,
      arguments: { 'x-expires': REPLY_EXPIRES_MS, 'x-max-length': options.maxWaiting },
    });
    await channel.bind({ exchange: RESULTS, queue: replyQueue, routingKey: replyQueue });
    await channel.consume(replyQueue, PREFETCH, ({ body, deliveryTag }) => {
      channel.acknowledge(deliveryTag);
      const verdict = decodeVerdict(body);
      if (verdict) options.verdict(verdict);
    });
  }

  private failed(error: unknown): void {
    const code = error instanceof BrokerError ? error.code : '';
    // Without a connection, the loss was reported.
    if (!this.isReached || code === 'CLOSED') return;
    const hint = code === 'NOT_FOUND' ? ' (phase0-worker --setup creates it)' : '';
    this.changeState({ kind: 'disconnected', error: errorText(error) + hint });
  }

  private changeState(state: FleetState): void {
    if (this.isClosed || !this.isChange(state)) return;
    this.state = state;
    callSafely(
      () => this.options.onState?.(state),
      (error) => process.emitWarning(errorText(error)),
    );
  }

  /** It is disconnected again and again, for one reason or for several by turns. */
  private isChange(state: FleetState): boolean {
    if (state.kind === 'disconnected') return this.problems.add(BROKER, state.error);
    this.problems.end(BROKER);
    return state.kind !== this.state?.kind;
  }
}
