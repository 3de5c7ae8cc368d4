/** Connection of a worker to the broker: its channels, and the problems with them, in words. */
import { callSafely } from '../call-safely';
import type { Clock } from '../clock';
import { errorText } from '../printable';
import type { WorkerObserver } from '../worker-observer';
import type { BrokerAddress } from './amqp/address';
import { BrokerError, type BrokerChannel, type BrokerConnection, type ConnectBroker } from './amqp/broker';
import { KeptChannel, type KeptChannelOptions } from './amqp/kept-channel';
import { KnownProblems } from './known-problems';

export interface WorkerConnectionOptions {
  readonly address: BrokerAddress;
  readonly connect: ConnectBroker;
  readonly clock: Clock;
  readonly observer: Pick<Required<WorkerObserver>, 'brokerConnected'>;
  readonly onProblem?: ((problem: string) => void) | undefined;
  readonly onProblemEnded?: ((problem: string) => void) | undefined;
  lost(): void;
}

/** A channel that is there all the time, for one purpose. */
export interface PurposeChannelOptions extends Pick<KeptChannelOptions, 'prepare' | 'opened' | 'closed'> {
  /** What a failure is called. */
  readonly words?: (error: unknown) => string;
}

/** What may have a problem, besides the purposes of channels. */
const BROKER = 'broker';

export class WorkerConnection {
  private connection: Promise<BrokerConnection> | undefined;
  private readonly problems = new KnownProblems();
  /** Undefined until the first attempt to connect has an end. */
  private connected: boolean | undefined;
  private isEnding = false;

  constructor(private readonly options: WorkerConnectionOptions) {}

  get isConnected(): boolean {
    return this.connected === true;
  }

  get isStarted(): boolean {
    return this.connection !== undefined;
  }

  start(): void {
    const { connect, address } = this.options;
    this.connection = connect(address, {
      connected: () => {
        this.worksAgain(BROKER);
        this.changeConnected(true);
      },
      lost: (error) => this.lost(error),
    });
    this.connection.catch((error: unknown) => this.problem(BROKER, errorText(error)));
  }

  /** Problems are of no interest from now on. */
  ending(): void {
    this.isEnding = true;
  }

  async close(): Promise<void> {
    const connection = await this.connection?.catch(() => undefined);
    await connection?.close();
  }

  async openChannel(): Promise<BrokerChannel> {
    const connection = await this.connection;
    if (!connection) throw new Error('the worker has not been started');
    return connection.openChannel();
  }

  channelFor(purpose: string, options: PurposeChannelOptions): KeptChannel {
    return new KeptChannel({
      ...options,
      clock: this.options.clock,
      open: () => this.openChannel(),
      failed: (error) => this.failed(purpose, error, options.words),
      opened: (channel) => {
        this.worksAgain(purpose);
        options.opened?.(channel);
      },
    });
  }

  /** Something failed, perhaps not for the first time. */
  failed(what: string, error: unknown, words = wordsOf): void {
    // Without a connection, every channel fails for that reason.
    if (!this.isConnected || (error instanceof BrokerError && error.code === 'CLOSED')) return;
    this.problem(what, words(error));
  }

  /** Something works, perhaps as it did all the time. */
  worksAgain(what: string): void {
    const words = this.problems.end(what);
    if (words !== undefined) this.report(this.options.onProblemEnded, words);
  }

  private lost(error: string): void {
    if (this.isEnding) return;
    this.options.lost();
    this.changeConnected(false);
    this.problem(BROKER, `no connection to the broker: ${error}`);
  }

  private changeConnected(isConnected: boolean): void {
    if (this.connected === isConnected) return;
    this.connected = isConnected;
    this.options.observer.brokerConnected(isConnected);
  }

  private problem(what: string, words: string): void {
    if (this.problems.add(what, words)) this.report(this.options.onProblem, words);
  }

  private report(listener: ((problem: string) => void) | undefined, words: string): void {
    if (this.isEnding) return;
    callSafely(
      () => listener?.(words),
      () => undefined,
    );
  }
}

export function wordsOf(error: unknown): string {
  const hint = error instanceof BrokerError && error.code === 'NOT_FOUND' ? ' (phase0-worker --setup creates it)' : '';
  return errorText(error) + hint;
}
