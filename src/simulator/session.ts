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
  /** Called when a request is malformed or the connection ends inside a frame. */
  malformed(error: ProtocolError): void;
}

/** More than one client may send in one turn of the event loop; otherwise one that floods would keep others waiting. */
const MAX_BYTES_PER_TURN = 32 * 1024;

/** The dialogue on one socket, until either side closes it. */
export class Session {
  private readonly decoder = new FrameDecoder();
  private readonly replies: ReplyQueue;
  private closing = false;
  /** Bytes read in this turn of the event loop. */
  private readBytes = 0;
  private nextTurn: NodeJS.Immediate | undefined;

  constructor(
    private readonly socket: Socket,
    private readonly owner: SessionOwner,
  ) {
    this.replies = new ReplyQueue(socket, () => this.regulate());
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
    // Bytes after a request that ends the connection are ignored.
    if (this.closing) return;
    this.readBytes += chunk.length;
    try {
      const error = this.decoder.push(chunk, (frame) => {
        if (!this.closing) this.answer(this.owner.decide(frame));
      });
      if (error && !this.closing) throw error;
    } catch (error) {
      this.closing = true;
      this.socket.destroy();
      if (!(error instanceof ProtocolError)) throw error;
      this.owner.malformed(error);
    }
    this.regulate();
  }

  private answer(behaviour: Behaviour): void {
    this.closing ||= behaviour.closes ?? false;
    this.replies.push(behaviour);
  }

  /**
   * Decides whether to read on. A client that does not read its replies is not read either, so that they do not pile up,
   * and one that sends much waits until others had their turn.
   */
  private regulate(): void {
    const isOverTurn = this.readBytes > MAX_BYTES_PER_TURN;
    if (isOverTurn || this.replies.isFull) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
    if (!isOverTurn || this.nextTurn) return;
    this.nextTurn = setImmediate(() => {
      this.nextTurn = undefined;
      this.readBytes = 0;
      this.regulate();
    });
  }
}
