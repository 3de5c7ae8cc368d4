/** A hostile client in a process of its own: sends a flood to a port and ends by itself. Arguments: port, kind. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { encodeFrame } from '../../src/protocol/frame';

interface Flood {
  readonly requests: number;
  /** Fields of a request besides opcode and state, as JSON text. */
  readonly fields: (index: number) => string;
  readonly neverReads?: true;
}

const LONG = 'x'.repeat(60_000);

const FLOODS: Readonly<Record<string, Flood>> = {
  'large frames': { requests: 8000, fields: (index) => `"device_id":"lamp","msg_id":"${index}","x":"${LONG}"` },
  'large objects': {
    requests: 8000,
    fields: (index) => `"device_id":"lamp","msg_id":"${index}","x":[${'{},'.repeat(20_000)}1]`,
  },
  'long device ids': { requests: 2000, fields: (index) => `"device_id":"${index}-${LONG}","msg_id":"m"` },
  'long message ids': { requests: 8000, fields: (index) => `"device_id":"lamp","msg_id":"${index}-${LONG}"` },
  'a client that never reads': {
    requests: 8000,
    fields: (index) => `"device_id":"lamp","msg_id":"${index}-${LONG}"`,
    neverReads: true,
  },
  'many requests': { requests: 400_000, fields: (index) => `"device_id":"lamp","msg_id":"${index}"` },
};

/** The flood ends when it was sent, when the device has taken nothing for so long, and in any case at MAX_MS. */
const STUCK_MS = 1000;
const MAX_MS = 10_000;

async function flood(socket: Socket, { requests, fields, neverReads }: Flood): Promise<void> {
  socket.on('error', () => process.exit(1));
  await once(socket, 'connect');
  if (!neverReads) socket.resume();
  const until = performance.now() + MAX_MS;
  for (let index = 0; index < requests && performance.now() < until; index += 1) {
    if (socket.write(encodeFrame(`{"opcode":"toggle","state":true,${fields(index)}}`))) continue;
    const signal = AbortSignal.timeout(STUCK_MS);
    if (!(await once(socket, 'drain', { signal }).catch(() => undefined))) break;
  }
}

const [port, kind = ''] = process.argv.slice(2);
const found = FLOODS[kind];
if (!found) throw new Error(`no flood "${kind}"`);
void flood(connect(Number(port), '127.0.0.1'), found).then(() => process.exit(0));
