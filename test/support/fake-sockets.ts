/** Sockets without a network: the test plays the device, and sees what the transport did. */
import type { ClientSocket, Connect, SocketEvents, SocketFailure } from '../../src/transport/socket';
import { decodeToggle, encodeReply, LAB_ACK, type Reply } from '../../src/protocol/toggle';
import { HEADER_BYTES } from '../../src/protocol/frame';

/** The fields of a rejection. */
type NackRest = Partial<Pick<Extract<Reply, { kind: 'nack' }>, 'kind' | 'error'>>;

/** One connection of a transport. */
export class FakeSocket implements ClientSocket {
  unsentBytes = 0;
  /** What the transport did to end it. */
  ending: 'none' | 'end' | 'reset' = 'none';
  /** The operating system takes no bytes while this is true. */
  isStuck = false;
  readonly written: Uint8Array[] = [];
  private readonly unsent: (() => void)[] = [];
  private hasFailed = false;
  private isFreed = false;

  constructor(private readonly events: SocketEvents) {}

  /** The msg_ids of the packets that were written, in order. */
  get msgIds(): string[] {
    return this.written.map((packet) => decodeToggle(packet.subarray(HEADER_BYTES)).msgId);
  }

  write(bytes: Uint8Array, onSent: () => void): void {
    if (this.hasFailed) return;
    this.written.push(bytes);
    if (this.isStuck) this.unsent.push(onSent);
    else queueMicrotask(onSent);
  }

  /** Stays open until the test calls `free`. */
  end(): void {
    if (this.ending === 'none') this.ending = 'end';
  }

  reset(): void {
    if (this.isFreed || this.ending === 'reset') return;
    this.ending = 'reset';
    queueMicrotask(() => this.free());
  }

  open(): void {
    this.events.connected();
  }

  receive(bytes: Uint8Array | string): void {
    this.events.data(Buffer.from(bytes as string));
  }

  reply(msgId: string, rest: { readonly state: boolean } | NackRest = {}): void {
    this.receive(encodeReply({ kind: 'ack', msgId, ...rest }));
  }

  ack(): void {
    this.receive(LAB_ACK);
  }

  /** The operating system takes what was stuck. */
  flush(): void {
    this.isStuck = false;
    for (const onSent of this.unsent.splice(0)) onSent();
  }

  /** The connection breaks, or cannot be opened. */
  fail(failure: SocketFailure = { error: 'the device closed the connection' }): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.events.failed(failure);
  }

  free(): void {
    if (this.isFreed) return;
    this.fail({ error: 'the connection was closed' });
    this.isFreed = true;
    this.events.closed();
  }

  /** The peer closes: nothing more can be sent, and the socket is freed. */
  break(error?: string): void {
    this.fail(error === undefined ? undefined : { error });
    this.free();
  }
}

/** Hands out fake sockets, and keeps them for the test. */
export class FakeNetwork {
  readonly sockets: FakeSocket[] = [];

  readonly connect: Connect = (_endpoint, events) => {
    const socket = new FakeSocket(events);
    this.sockets.push(socket);
    return socket;
  };

  /** The connection with this number, from 1. */
  socket(number: number): FakeSocket {
    const socket = this.sockets[number - 1];
    if (!socket) throw new Error(`there is no connection ${number}, only ${this.sockets.length}`);
    return socket;
  }
}
