/** Owns one kept connection: when it may take a packet, and what its bytes say. Decides nothing about reopening. */
import type { CancelTimer, Clock } from '../../clock';
import { Connection, type StepFailure } from '../connection';
import type { ProtocolError } from '../../protocol/protocol-error';
import type { TransportSettings } from '../transport';
import { ReplyStream, type Answer } from '../../protocol/reply-stream';
import { LAB_ACK } from '../../protocol/toggle';

/** What a link tells. */
export interface LinkListener {
  answered(link: KeptLink, answer: Answer): void;
  /** No frame can be found in what it says any more, or it closed inside one. Told at most once, before `lost`. */
  garbled(link: KeptLink, error: ProtocolError): void;
  /** Told once, if it was ever open. */
  lost(link: KeptLink, why: string): void;
  /** It may take a packet again. */
  ready(): void;
  /** Nothing of it is left. */
  gone(link: KeptLink): void;
}

/** Bytes that may wait for a device that reads slowly; a stuck one must not grow memory. */
const MAX_UNSENT_BYTES = 65_536;
/** A raw reply has no end of its own; unless it is the lab device's, silence for so long ends it. */
const RAW_SILENCE_MS = 50;

/** One connection, from its dial on. Until a framed reply came it carries one toggle at a time. */
export class KeptLink {
  /** Toggles in flight. */
  load = 0;
  /** Device ids that got no reply here to what was sent: it may be on its way still. */
  readonly unheard = new Set<string>();
  /** When the latest bytes came. */
  heardAt = -Infinity;
  private readonly connection: Connection;
  private stream: ReplyStream;
  private open = false;
  private isGarbled = false;
  private isLost = false;
  private framed: boolean;
  private cancelSilence: CancelTimer | undefined;

  constructor(
    private readonly settings: TransportSettings,
    private readonly clock: Clock,
    private readonly listener: LinkListener,
  ) {
    this.framed = settings.reply === 'framed';
    this.stream = new ReplyStream(settings.reply);
    this.connection = new Connection(settings, clock, () => {
      this.cancelSilence?.();
      listener.gone(this);
    });
  }

  /** Whether replies name the toggle that they answer, so that many can be in flight and a late one does no harm. */
  get matchesReplies(): boolean {
    return this.framed;
  }

  /** Whether it can take a packet now. */
  get hasRoom(): boolean {
    if (!this.open) return false;
    if (this.framed) return this.connection.unsentBytes < MAX_UNSENT_BYTES;
    return this.load === 0 && this.cancelSilence === undefined;
  }

  async dialled(timeoutMs: number): Promise<StepFailure | undefined> {
    const undialled = await this.connection.dialled(timeoutMs);
    if (undialled) return undialled;
    this.open = true;
    this.connection.converse(
      (chunk) => this.read(chunk),
      (why) => this.lose(why),
    );
    return undefined;
  }

  send(packet: Uint8Array, timeoutMs: number): Promise<StepFailure | undefined> {
    // Each raw reply is judged by its own beginning.
    if (!this.framed) this.stream = new ReplyStream(this.settings.reply);
    return this.connection.send(packet, timeoutMs);
  }

  close(): void {
    this.open = false;
    this.connection.close();
  }

  /** Listened long enough to what was given up: says goodbye, unless something may be stuck on its way. */
  lapse(): void {
    if (this.unheard.size > 0) this.reset();
    else this.close();
  }

  /** Like a loss, so that who is in flight on it tries again. */
  reset(): void {
    this.lose('the connection was given up');
  }

  destroy(): void {
    this.open = false;
    this.connection.destroy();
  }

  private read(chunk: Uint8Array): void {
    this.heardAt = this.clock.now();
    // What is left of a raw reply that was counted already, or comes unasked, must not answer the next toggle.
    if (!this.framed && this.load === 0) return this.awaitSilence();
    const error = this.stream.push(chunk, (answer) => {
      if (answer.kind === 'raw' && !isLabAck(answer.bytes)) this.awaitSilence();
      if (answer.kind === 'framed') this.framed = true;
      this.listener.answered(this, answer);
    });
    if (error) this.garble(error);
  }

  private lose(why: string): void {
    if (this.isLost) return;
    this.isLost = true;
    this.destroy();
    const error = this.stream.end();
    if (error) this.garble(error);
    this.listener.lost(this, why);
  }

  private garble(error: ProtocolError): void {
    if (this.isGarbled) return;
    this.isGarbled = true;
    this.listener.garbled(this, error);
    this.destroy();
  }

  private awaitSilence(): void {
    this.cancelSilence?.();
    this.cancelSilence = this.clock.after(RAW_SILENCE_MS, () => {
      this.cancelSilence = undefined;
      this.listener.ready();
    });
  }
}

function isLabAck(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1').trimEnd() === LAB_ACK;
}
