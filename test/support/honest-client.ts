/** Clients of the simulated device that measure how late its replies are: framed ones, on one connection. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { FrameDecoder } from '../../src/protocol/frame';
import { encodeToggle } from '../../src/protocol/toggle';

const EVERY_MS = 25;

/** Requests until `ended` resolves. Resolves to how much later than `delayMs` each reply came, in ms, the latest last. */
export async function measureLateness(port: number, delayMs: number, ended: Promise<unknown>): Promise<number[]> {
  const socket = await connected(port);
  const decoder = new FrameDecoder();
  const sentAt: number[] = [];
  const lateness: number[] = [];
  socket.on('data', (chunk) => {
    const error = decoder.push(chunk, () => {
      lateness.push(performance.now() - (sentAt[lateness.length] ?? Number.NaN) - delayMs);
    });
    if (error) socket.destroy(error);
  });
  const isOver = ended.then(() => true);
  do {
    sentAt.push(performance.now());
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
export async function measurePieces(port: number, delayMs: number, ended: Promise<unknown>): Promise<number[]> {
  const socket = await connected(port);
  const decoder = new FrameDecoder();
  const lateness: number[] = [];
  let isOver = false;
  void ended.then(() => (isOver = true));
  for (let request = 1; !isOver; request += 1) {
    socket.write(encodeToggle({ deviceId: 'honest', msgId: `h${request}`, state: true }));
    let before = performance.now();
    for (let isComplete = false; !isComplete;) {
      const [piece] = (await once(socket, 'data')) as [Buffer];
      const at = performance.now();
      lateness.push(at - before - delayMs);
      before = at;
      const error = decoder.push(piece, () => (isComplete = true));
      if (error) throw error;
    }
  }
  socket.destroy();
  return lateness.toSorted((a, b) => a - b);
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket.setNoDelay(true);
}
