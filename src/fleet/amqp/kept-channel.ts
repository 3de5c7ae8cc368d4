/** A channel that is opened again whenever it was closed. */
import type { CancelTimer, Clock } from '../../clock';
import { errorText } from '../../printable';
import type { BrokerChannel } from './broker';

/** Until the next attempt after one that failed, in ms; and how long a channel lives that may be opened again at once. */
const RETRY_MS = 1000;

export interface KeptChannelOptions {
  readonly clock: Clock;
  /** Waits for the connection; rejects if that takes too long. */
  open(): Promise<BrokerChannel>;
  /** Prepares a new channel; a failure closes it, and it is tried again. */
  prepare(channel: BrokerChannel): Promise<void>;
  opened?(channel: BrokerChannel): void;
  closed?(): void;
  /** Why it could not be opened or prepared, each time. */
  failed(error: unknown): void;
}

export class KeptChannel {
  private channel: BrokerChannel | undefined;
  private isWanted = false;
  /** Counts the openings, so that one that was given up meanwhile is known. */
  private opening = 0;
  private cancelRetry: CancelTimer | undefined;
  private openedAt = 0;

  constructor(private readonly options: KeptChannelOptions) {}

  /** The channel while it is open and prepared. */
  get current(): BrokerChannel | undefined {
    return this.channel?.isOpen === true ? this.channel : undefined;
  }

  start(): void {
    if (this.isWanted) return;
    this.isWanted = true;
    void this.open();
  }

  async stop(): Promise<void> {
    this.isWanted = false;
    this.opening += 1;
    this.cancelRetry?.();
    await this.channel?.close();
  }

  private async open(): Promise<void> {
    this.opening += 1;
    const { opening } = this;
    const isCurrent = () => this.isWanted && this.opening === opening;
    let channel: BrokerChannel | undefined;
    try {
      channel = await this.options.open();
      if (isCurrent()) await this.options.prepare(channel);
    } catch (error) {
      if (isCurrent()) {
        this.options.failed(error instanceof Error ? error : new Error(errorText(error)));
        this.cancelRetry = this.options.clock.after(RETRY_MS, () => void this.open());
      }
      await channel?.close();
      return;
    }
    if (!isCurrent()) return channel.close();
    this.channel = channel;
    this.openedAt = this.options.clock.now();
    this.options.opened?.(channel);
    channel.onClose(() => this.lost(channel));
  }

  private lost(channel: BrokerChannel | undefined): void {
    if (this.channel === channel) this.channel = undefined;
    this.options.closed?.();
    if (!this.isWanted) return;
    const { clock } = this.options;
    // One that the broker closes because of what is sent over it would be opened without end.
    const waitMs = this.openedAt + RETRY_MS - clock.now();
    if (waitMs <= 0) void this.open();
    else this.cancelRetry = clock.after(waitMs, () => void this.open());
  }
}
