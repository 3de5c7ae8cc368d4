/** A client of the simulated device that measures how late its replies are: framed ones, on one connection. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { FrameDecoder } from '../../src/protocol/frame';
import { encodeToggle } from '../../src/protocol/toggle';

const EVERY_MS = 25;

/** Requests until `ended` resolves. Resolves to how much later than `delayMs` each reply came, in ms, the latest last. */
export async function measureLateness(port: number, delayMs: number, ended: Promise<unknown>): Promise<number[]> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.setNoDelay(true);
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
