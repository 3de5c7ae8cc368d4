/**
 * A process of its own: a device that checks each packet before it confirms it, on a port for each contender, so that it
 * can tell whose packets they were. Its argument is the number of ports. Sends the ports, and in reply to a port the
 * tally of what came there since it was last asked.
 */
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { frameOf, FrameStream, togglePayload, type ToggleFields } from './raw-frame';

/** What came to one port. */
export interface Tally {
  /** Packets that were right, and confirmed. */
  readonly confirmed: number;
  readonly wrong: number;
  /** What was wrong with the first one that was. */
  readonly problem?: string;
}

const MAGIC_AND_VERSION = 0xf00d01;

class PortTally {
  private confirmed = 0;
  private wrong = 0;
  private problem: string | undefined;
  private readonly msgIds = new Set<string>();

  /** What was counted since the last call. */
  take(): Tally {
    const { confirmed, wrong, problem } = this;
    this.confirmed = 0;
    this.wrong = 0;
    this.problem = undefined;
    this.msgIds.clear();
    return { confirmed, wrong, ...(problem !== undefined && { problem }) };
  }

  serve(socket: Socket): void {
    socket.setNoDelay(true);
    let replies: Buffer[] = [];
    const stream = new FrameStream((payload, magicAndVersion) => {
      const reply = this.reply(payload, magicAndVersion);
      if (reply) replies.push(reply);
      else socket.destroy();
    });
    socket.on('data', (chunk) => {
      stream.push(chunk);
      // One write for all that came at once: the device is to cost as little as it can.
      const [first] = replies;
      if (first) socket.write(replies.length === 1 ? first : Buffer.concat(replies));
      replies = [];
    });
    socket.on('error', () => socket.destroy());
  }

  private reply(payload: string, magicAndVersion: number): Buffer | undefined {
    const problem = this.problemWith(payload, magicAndVersion);
    if (problem !== undefined) {
      this.wrong += 1;
      this.problem ??= `${problem}: ${payload.slice(0, 200)}`;
      return undefined;
    }
    this.confirmed += 1;
    const { msg_id, state } = JSON.parse(payload) as ToggleFields;
    return frameOf(`{"opcode":"ack","msg_id":"${msg_id}","state":${state}}`);
  }

  private problemWith(payload: string, magicAndVersion: number): string | undefined {
    if (magicAndVersion !== MAGIC_AND_VERSION) return 'not a frame';
    const fields = JSON.parse(payload) as ToggleFields;
    // Also the order of the keys, and that there are no others.
    if (togglePayload(fields) !== payload) return 'not the payload of a toggle';
    if (!/^lamp-\d+$/.test(fields.device_id) || typeof fields.state !== 'boolean') return 'not a toggle of the bench';
    if (!/^[\da-f]{16}$/.test(fields.msg_id)) return 'not a msg_id';
    if (this.msgIds.has(fields.msg_id)) return 'a msg_id that came before';
    this.msgIds.add(fields.msg_id);
    return undefined;
  }
}

async function listen(count: number): Promise<void> {
  const tallies = new Map<number, PortTally>();
  for (let index = 0; index < count; index += 1) {
    const tally = new PortTally();
    const server = createServer((socket) => tally.serve(socket)).listen({ host: '127.0.0.1', port: 0, backlog: 4096 });
    await once(server, 'listening');
    tallies.set((server.address() as AddressInfo).port, tally);
  }
  process.on('message', (port: number) => process.send?.(tallies.get(port)?.take()));
  process.send?.([...tallies.keys()]);
}

// The parent process has ended.
process.on('disconnect', () => process.exit());
void listen(Number(process.argv[2]));
