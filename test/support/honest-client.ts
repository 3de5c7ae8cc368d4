/** Clients of the simulated device that measure how late its replies are: framed ones, on one connection. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { FrameDecoder } from '../../src/protocol/frame';
import { encodeToggle } from '../../src/protocol/toggle';

const EVERY_MS = 25;

/** How long the system has kept the two sides waiting for a processor so far, in ms: this is not the device's fault. */
type WaitedMs = () => number;

export interface HonestClientOptions {
  readonly port: number;
  /** After which the device replies. */
  readonly delayMs: number;
  readonly waitedMs: WaitedMs;
}

/** Requests until `ended` resolves. Resolves to how much later than `delayMs` each reply came, in ms, the latest last. */
export async function measureLateness(
  { port, delayMs, waitedMs }: HonestClientOptions,
  ended: Promise<unknown>,
): Promise<number[]> {
  const socket = await connected(port);
  const now = () => performance.now() - waitedMs();
  const decoder = new FrameDecoder();
  const sentAt: number[] = [];
  const lateness: number[] = [];
  socket.on('data', (chunk) => {
    const error = decoder.push(chunk, () => {
      lateness.push(now() - (sentAt[lateness.length] ?? Number.NaN) - delayMs);
    });
    if (error) socket.destroy(error);
  });
  const isOver = ended.then(() => true);
  do {
    sentAt.push(now());
    socket.write(encodeToggle({ deviceId: 'honest', msgId: `h${sentAt.length}`, state: true }));
  } while (!(await Promise.race([isOver, setTimeout(EVERY_MS, false)])));
  while (lateness.length < sentAt.length) await once(socket, 'data');
  socket.destroy();
  return lateness.toSorted((a, b) => a - b);
}

/**
 * For replies that come byte by byte, `delayMs` apart: one request at a time, until `ended` resolves. Resolves to how
 * much later than that each piece came, in ms, the latest last.
 */
export async function measurePieces(
  { port, delayMs, waitedMs }: HonestClientOptions,
  ended: Promise<unknown>,
): Promise<number[]> {
  const socket = await connected(port);
  const now = () => performance.now() - waitedMs();
  const decoder = new FrameDecoder();
  const lateness: number[] = [];
  const replies: unknown[] = [];
  const isOver = ended.then(() => true);
  do {
    const msgId = `h${replies.length + 1}`;
    socket.write(encodeToggle({ deviceId: 'honest', msgId, state: true }));
    let before = now();
    for (const replied = replies.length; replies.length === replied;) {
      const [piece] = (await once(socket, 'data')) as [Buffer];
      const at = now();
      lateness.push(at - before - delayMs);
      before = at;
      const error = decoder.push(piece, (frame) => replies.push(frame));
      if (error) throw error;
    }
  } while (!(await Promise.race([isOver, Promise.resolve(false)])));
  socket.destroy();
  return lateness.toSorted((a, b) => a - b);
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket.setNoDelay(true);
}
