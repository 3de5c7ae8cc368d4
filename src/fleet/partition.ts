/** One partition of a worker: its channel, and what came by it. */
import type { Clock } from '../clock';
import type { BrokerChannel } from './amqp/broker';
import { KeptChannel } from './amqp/kept-channel';
import type { PartitionCommands } from './partition-commands';

export interface PartitionOptions {
  readonly queue: string;
  /** Whether it is consumed again whenever its channel was closed. */
  readonly isHome: boolean;
  readonly prefetch: number;
  readonly clock: Clock;
  readonly commands: PartitionCommands;
  open(): Promise<BrokerChannel>;
  failed(error: unknown): void;
  consumed(isConsumed: boolean): void;
}

/** What was aborted ends at once; a verdict that is known may wait for the broker. */
const ABORT_MS = 1000;

export class Partition {
  private readonly kept: KeptChannel;
  private releasing: Promise<void> | undefined;
  private endRelease: (() => void) | undefined;
  private wanted = false;

  constructor(private readonly options: PartitionOptions) {
    const { clock, commands, queue, prefetch } = options;
    this.kept = new KeptChannel({
      clock,
      open: () => options.open(),
      prepare: (channel) =>
        channel.consume(queue, prefetch, (message) => commands.deliver(message, receiptFor(channel, message))),
      opened: () => options.consumed(true),
      closed: () => this.closed(),
      failed: (error) => this.failed(error),
    });
  }

  /** Whether it is consumed, or is about to be. */
  get isTaken(): boolean {
    return this.wanted;
  }

  get isConsumed(): boolean {
    return this.kept.current !== undefined;
  }

  take(): void {
    this.wanted = true;
    this.options.commands.resume();
    this.kept.start();
  }

  /**
   * Gives it to another worker: what runs ends first, within `limitMs`, so that nothing of it follows a newer command, and
   * then its channel is closed. A cancelled consumer would leave newer commands to the next one.
   */
  release(limitMs: number): Promise<void> {
    this.releasing ??= this.releaseNow(limitMs).finally(() => {
      this.releasing = undefined;
    });
    return this.releasing;
  }

  private async releaseNow(limitMs: number): Promise<void> {
    const quiet = this.options.commands.pause();
    await this.within(limitMs, quiet);
    this.options.commands.abort();
    await this.within(ABORT_MS, quiet);
    await this.kept.stop();
    this.wanted = false;
  }

  /** Resolves with `quiet`, after `limitMs`, or when the channel is closed. */
  private within(limitMs: number, quiet: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(limitMs, () => done());
      const done = () => {
        cancel();
        this.endRelease = undefined;
        resolve();
      };
      if (!this.isConsumed) return done();
      this.endRelease = done;
      void quiet.then(done);
    });
  }

  private closed(): void {
    this.options.commands.channelClosed();
    this.options.consumed(false);
    this.endRelease?.();
    this.letGo();
  }

  private failed(error: unknown): void {
    this.options.failed(error);
    this.letGo();
  }

  /** Another worker may have a foreign partition by now. */
  private letGo(): void {
    if (this.options.isHome || !this.wanted) return;
    this.wanted = false;
    void this.kept.stop();
  }
}

function receiptFor(channel: BrokerChannel, { deliveryTag }: { readonly deliveryTag: number }) {
  return { acknowledge: () => channel.acknowledge(deliveryTag), flushed: () => channel.flushed() };
}
