/** One TCP connection as packets: headers are made up, what they carry was sent and received. */
import type { CapturedPacket } from './pcapng-blocks';

const FIN = 0x01;
const SYN = 0x02;
const RST = 0x04;
const PSH = 0x08;
const ACK = 0x10;
export const FLAGS = { FIN, SYN, RST, PSH, ACK } as const;

const TCP_HEADER_BYTES = 20;
/** Largest data of one packet, so that its length fits into the IP header. */
const MAX_DATA = 65_000;
/** Packets for what was counted but not kept; with more, there is a gap. */
const MAX_EMPTY_PACKETS = 16;
const TCP = 6;
const TTL = 64;
const WINDOW = 65_535;
/** Sequence numbers begin at the same one in each stream. */
const FIRST_SEQ = 1000;

export interface TcpEnd {
  /** 4 bytes or 16, the same for both ends. */
  readonly ip: Buffer;
  readonly port: number;
}

/** Builds the packets of one connection; `time` is in µs since 1970. */
export class TcpStream {
  readonly packets: CapturedPacket[] = [];
  private readonly next = { client: FIRST_SEQ, server: FIRST_SEQ };

  constructor(
    private readonly client: TcpEnd,
    private readonly server: TcpEnd,
  ) {}

  /** Three packets; the last two when it was open. */
  open(atUs: number, openUs: number, comment: string): void {
    this.syn(atUs, comment);
    this.control('server', SYN | ACK, openUs);
    this.control('client', ACK, openUs);
  }

  /** A packet that nobody answers, as far as is known. */
  syn(atUs: number, comment: string): void {
    this.control('client', SYN, atUs, comment);
  }

  control(from: 'client' | 'server', flags: number, atUs: number, comment?: string): void {
    this.add(from, flags, Buffer.alloc(0), 0, atUs, comment);
  }

  /** `bytes` are the first ones of `length`. */
  data(from: 'client' | 'server', bytes: Buffer, length: number, atUs: number): void {
    let left = length;
    for (let count = 0; left > 0 && count < MAX_EMPTY_PACKETS; count += 1) {
      const at = length - left;
      const size = Math.min(left, MAX_DATA);
      this.add(from, PSH | ACK, bytes.subarray(at, at + size), size, atUs);
      left -= size;
    }
    this.advance(from, left);
  }

  private add(
    from: 'client' | 'server',
    flags: number,
    kept: Buffer,
    length: number,
    atUs: number,
    comment?: string,
  ): void {
    const [source, target] = from === 'client' ? [this.client, this.server] : [this.server, this.client];
    const peer = from === 'client' ? 'server' : 'client';
    const tcp = Buffer.alloc(TCP_HEADER_BYTES);
    tcp.writeUInt16BE(source.port, 0);
    tcp.writeUInt16BE(target.port, 2);
    tcp.writeUInt32BE(this.next[from], 4);
    tcp.writeUInt32BE((flags & ACK) === 0 ? 0 : this.next[peer], 8);
    tcp.writeUInt8((TCP_HEADER_BYTES / 4) << 4, 12);
    tcp.writeUInt8(flags, 13);
    tcp.writeUInt16BE(WINDOW, 14);
    const isWhole = kept.length === length;
    // What is not known cannot be summed up.
    if (isWhole) tcp.writeUInt16BE(tcpChecksum(source.ip, target.ip, Buffer.concat([tcp, kept])), 16);
    const ip = ipHeader(source.ip, target.ip, TCP_HEADER_BYTES + length);
    const bytes = Buffer.concat([ip, tcp, kept]);
    const total = ip.length + TCP_HEADER_BYTES + length;
    const isInbound = from === 'server';
    this.packets.push({ atUs, bytes, length: total, isInbound, ...(comment !== undefined && { comment }) });
    this.advance(from, length + ((flags & (SYN | FIN)) === 0 ? 0 : 1));
  }

  private advance(from: 'client' | 'server', bytes: number): void {
    this.next[from] = (this.next[from] + bytes) % 2 ** 32;
  }
}

function ipHeader(source: Buffer, target: Buffer, payloadBytes: number): Buffer {
  if (source.length === 16) {
    const head = Buffer.alloc(8);
    head.writeUInt32BE(0x60000000, 0);
    head.writeUInt16BE(payloadBytes, 4);
    head.writeUInt8(TCP, 6);
    head.writeUInt8(TTL, 7);
    return Buffer.concat([head, source, target]);
  }
  const head = Buffer.alloc(20);
  head.writeUInt8(0x45, 0);
  head.writeUInt16BE(head.length + payloadBytes, 2);
  // Not to be fragmented.
  head.writeUInt16BE(0x4000, 6);
  head.writeUInt8(TTL, 8);
  head.writeUInt8(TCP, 9);
  source.copy(head, 12);
  target.copy(head, 16);
  head.writeUInt16BE(checksum(head), 10);
  return head;
}

function tcpChecksum(source: Buffer, target: Buffer, segment: Buffer): number {
  const pseudo = Buffer.alloc(4);
  pseudo.writeUInt16BE(TCP, 0);
  pseudo.writeUInt16BE(segment.length, 2);
  return checksum(Buffer.concat([source, target, pseudo, segment]));
}

/** The ones' complement sum of 16-bit words (RFC 1071). */
function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
