/** One connection of the simulated device: reads requests and sends replies in order. Closes on malformed requests. */
import type { Socket } from 'node:net';
import { ProtocolError } from '../protocol/protocol-error';
import { FrameDecoder, type Frame } from '../protocol/frame';
import type { Behaviour } from './modes';

/** Decisions and notifications that a session needs from its owner. */
export interface SessionOwner {
  /** Decides about one request. Throws ProtocolError on a malformed one. */
  decide(frame: Frame): Behaviour;
  /** Called when a request is malformed or the connection ends inside a frame. */
  malformed(error: ProtocolError): void;
}

/** Requests and replies on one socket, until either side closes it. */
export class Session {
  private readonly decoder = new FrameDecoder();
  private readonly timers = new Set<NodeJS.Timeout>();
  private lastAnswer = Promise.resolve();
  private closing = false;

  constructor(
    private readonly socket: Socket,
    private readonly owner: SessionOwner,
  ) {}

  serve(): void {
    this.socket.setNoDelay(true);
    this.socket.on('data', (chunk) => this.read(chunk));
    this.socket.on('end', () => {
      const error = this.closing ? undefined : this.decoder.end();
      if (error) this.owner.malformed(error);
    });
    this.socket.on('close', () => {
      for (const timer of this.timers) clearTimeout(timer);
    });
  }

  private read(chunk: Buffer): void {
    // Bytes after a request that ends the connection are ignored.
    if (this.closing) return;
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
  }

  private answer({ reply, delayMs = 0, drip = false, closes = false }: Behaviour): void {
    this.closing ||= closes;
    const parts = reply && drip ? Array.from(reply, (byte) => Buffer.of(byte)) : reply ? [reply] : [];
    const due = delayMs > 0 ? this.wait(delayMs) : undefined;
    // One after the other: bytes of two replies must not mix.
    this.lastAnswer = this.lastAnswer.then(async () => {
      await due;
      for (const [index, part] of parts.entries()) {
        if (index > 0) await this.wait(delayMs);
        if (this.socket.writable) this.socket.write(part);
      }
      if (closes) this.socket.end();
    });
  }

  /** Never resolves once the socket is closed, because there is no peer to reply to. */
  private wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.socket.destroyed) return;
      const timer = setTimeout(() => {
        this.timers.delete(timer);
        resolve();
      }, ms);
      this.timers.add(timer);
    });
  }
}
