/** One connection of the simulated device: reads requests and sends replies in order. Closes on malformed requests. */
import type { Socket } from 'node:net';
import { ProtocolError } from '../protocol/protocol-error';
import { FrameDecoder, type Frame } from '../protocol/frame';
import type { Behaviour } from './modes';
import { ReplyQueue } from './reply-queue';

/** Decisions and notifications that a session needs from its owner. */
export interface SessionOwner {
  /** Decides about one request. Throws ProtocolError on a malformed one. */
  decide(frame: Frame): Behaviour;
  /** Called with what is sent. */
  replied(bytes: Buffer): void;
  /** Called when a request is malformed or the connection ends inside a frame. */
  malformed(error: ProtocolError): void;
}

/** What is decoded in one turn of the event loop: a client that floods must not keep others waiting. */
const MAX_BYTES_PER_TURN = 8 * 1024;
const NOTHING = Buffer.alloc(0);

/** The dialogue on one socket, until either side closes it. */
export class Session {
  private readonly decoder = new FrameDecoder();
  private readonly replies: ReplyQueue;
  private closing = false;
  /** Bytes that were received and wait to be decoded. */
  private unread: Buffer = NOTHING;
  private nextTurn: NodeJS.Immediate | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly owner: SessionOwner,
  ) {
    this.replies = new ReplyQueue(
      socket,
      () => this.readOn(),
      (bytes) => owner.replied(bytes),
    );
  }

  serve(): void {
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.read(chunk));
    this.socket.on('end', () => {
      const error = this.closing ? undefined : this.decoder.end();
      if (error) this.owner.malformed(error);
    });
  }

  private read(chunk: Buffer): void {
    this.unread = chunk;
    this.readOn();
  }

  /**
   * Decodes one slice of what was received, and goes on in the next turn. A client that does not read its replies is not
   * read either, so that they do not pile up.
   */
  private readOn(): void {
    // Bytes after a request that ends the connection are ignored.
    if (this.closing) this.unread = NOTHING;
    if (this.nextTurn) return;
    if (this.replies.isFull && !this.closing) return void this.socket.pause();
    if (this.unread.length === 0) {
      if (this.socket.isPaused()) this.socket.resume();
      return;
    }
    const slice = this.unread.subarray(0, MAX_BYTES_PER_TURN);
    this.unread = this.unread.subarray(MAX_BYTES_PER_TURN);
    this.decode(slice);
    if (this.unread.length === 0) return this.readOn();
    this.socket.pause();
    this.nextTurn = setImmediate(() => {
      this.nextTurn = undefined;
      this.readOn();
    });
  }

  private decode(slice: Buffer): void {
    try {
      const error = this.decoder.push(slice, (frame) => {
        if (!this.closing) this.answer(this.owner.decide(frame));
      });
      if (error && !this.closing) throw error;
    } catch (error) {
      this.closing = true;
      this.socket.destroy();
      if (!(error instanceof ProtocolError)) throw error;
      this.owner.malformed(error);
    }
  }

  private answer(behaviour: Behaviour): void {
    this.closing ||= behaviour.closes ?? false;
    this.replies.push(behaviour);
  }
}
