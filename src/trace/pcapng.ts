/** Toggles as a pcapng file: every attempt is a TCP connection of its own, whose headers are made up. */
import { printable } from '../printable';
import type { ToggleTimeline, TracedAttempt, TraceStep } from './toggle-timeline';
import { ipBytes } from './ip-address';
import { fileHeader, nameBlock, packetBlock } from './pcapng-blocks';
import { FLAGS, TcpStream } from './tcp-stream';

/** Addresses that stand for this side; for documentation (RFC 5737, RFC 3849), so nobody has them. */
const CLIENT_IPV4 = Buffer.from([192, 0, 2, 1]);
const CLIENT_IPV6 = Buffer.from('20010db8000000000000000000000001', 'hex');
/** Addresses that stand for names begin with 198.18, for benchmarks (RFC 2544). */
const NAMED = [198, 18] as const;
const MAX_NAMES = 65_000;

/** Ports of the client; after so many connections one is used again. */
const FIRST_PORT = 49_152;
const PORTS = 16_384;

export class PcapngWriter {
  private readonly named = new Map<string, Buffer>();
  private streams = 0;

  header(): Buffer {
    return fileHeader('node-red-contrib-phase0', 'phase0');
  }

  /** The packets of a toggle; none of one that was never attempted. */
  toggle(timeline: ToggleTimeline): Buffer {
    const { host = 'unknown', port = 9000 } = timeline.address ?? {};
    const { ip, name } = this.serverOf(host);
    const packets = timeline.attempts.flatMap((attempt) => {
      return connectionsOf(timeline, attempt).flatMap((steps, index, all) => {
        const client = { ip: ip.length === 4 ? CLIENT_IPV4 : CLIENT_IPV6, port: FIRST_PORT + (this.streams % PORTS) };
        this.streams += 1;
        const stream = new TcpStream(client, { ip, port });
        const next = all[index + 1]?.[0];
        return streamOf(timeline, attempt, steps, stream, next).packets;
      });
    });
    return Buffer.concat([...(name ? [name] : []), ...packets.map(packetBlock)]);
  }

  /** The address of a host; one that stands for a name, with the block that says so when it is used first. */
  private serverOf(host: string): { ip: Buffer; name?: Buffer } {
    const known = ipBytes(host) ?? this.named.get(host);
    if (known) return { ip: known };
    const number = (this.named.size % MAX_NAMES) + 1;
    const ip = Buffer.from([...NAMED, number >> 8, number & 0xff]);
    this.named.set(host, ip);
    return { ip, name: nameBlock(ip, printable(host)) };
  }
}

/** The steps of an attempt by connection: when one was closed before it had a reply, the packet is sent over another one. */
function connectionsOf({ steps }: ToggleTimeline, { attempt }: TracedAttempt): readonly (readonly TraceStep[])[] {
  const own = steps.filter((step) => step.attempt === attempt);
  const sent = own.findIndex(({ kind }) => kind === 'bytes_out');
  const again = own.findIndex(({ kind }, index) => index > sent && (kind === 'connect' || kind === 'send'));
  return sent < 0 || again < 0 ? [own] : [own.slice(0, again), own.slice(again)];
}

/** `next` is the first step of the connection that replaced this one. */
function streamOf(
  timeline: ToggleTimeline,
  attempt: TracedAttempt,
  steps: readonly TraceStep[],
  stream: TcpStream,
  next: TraceStep | undefined,
): TcpStream {
  const timeOf = (us: number) => Math.round(timeline.at * 1000) + us;
  const connect = steps.find(({ kind }) => kind === 'connect');
  const send = steps.find(({ kind }) => kind === 'send');
  const started = timeOf(connect?.at ?? attempt.at);
  const comment = commentOf(timeline, attempt);
  if (!send) {
    stream.syn(started, comment);
    if (attempt.cause === 'port_refused') stream.control('server', FLAGS.RST | FLAGS.ACK, timeOf(attempt.end));
    return stream;
  }
  // A packet that waits for room may have been handed over before the connection that took it was opened.
  const openedAt = Math.max(send.at, (connect?.at ?? 0) + (connect?.us ?? 0));
  stream.open(started, timeOf(openedAt), comment);
  for (const step of steps) dataOf(step, stream, timeOf(step.at));
  if (next) stream.control('server', FLAGS.FIN | FLAGS.ACK, timeOf(next.at));
  else close(timeline, attempt, stream, timeOf(attempt.end));
  return stream;
}

function dataOf({ kind, bytes = '', length }: TraceStep, stream: TcpStream, atUs: number): void {
  if (kind !== 'bytes_out' && kind !== 'bytes_in') return;
  const kept = Buffer.from(bytes, 'base64');
  stream.data(kind === 'bytes_out' ? 'client' : 'server', kept, length ?? kept.length, atUs);
}

/** In order after a reply that counts; this side resets otherwise, unless the device has closed. */
function close(timeline: ToggleTimeline, { attempt, outcome }: TracedAttempt, stream: TcpStream, atUs: number): void {
  const isLast = attempt === timeline.attempts.at(-1)?.attempt;
  const comment = isLast ? verdictOf(timeline) : undefined;
  if (outcome === 'connection_closed') stream.control('server', FLAGS.FIN | FLAGS.ACK, atUs);
  const isOrderly = outcome === 'success' || outcome === 'rejected';
  stream.control('client', (isOrderly ? FLAGS.FIN : FLAGS.RST) | FLAGS.ACK, atUs, comment);
  if (isOrderly) {
    stream.control('server', FLAGS.FIN | FLAGS.ACK, atUs);
    stream.control('client', FLAGS.ACK, atUs);
  }
}

function commentOf({ deviceId, msgId, who }: ToggleTimeline, { attempt, outcome, error }: TracedAttempt): string {
  const asked = who ? `, asked by node ${printable(who.nodeId)}` : '';
  const why = error === undefined ? '' : `: ${printable(error)}`;
  return `${printable(deviceId)}: attempt ${attempt} of toggle ${printable(msgId)}${asked}: ${outcome}${why}`;
}

function verdictOf({ outcome, reason }: ToggleTimeline): string {
  return `verdict: ${outcome}${reason === undefined ? '' : ` (${reason})`}`;
}
