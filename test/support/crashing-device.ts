/**
 * A process of its own, to be killed: a device whose memory outlives it. What it applies stands in its journal before
 * it replies, and what stands there, also from its former lives, it does not apply again.
 * Arguments: journal, port. Tells its port once it listens.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply } from '../../src/protocol/toggle';

/** What it tells whoever started it. */
export interface Birth {
  readonly port: number;
}

const [journal = '', port = '0'] = process.argv.slice(2);
const applied = new Set(existsSync(journal) ? readFileSync(journal, 'utf8').split('\n') : []);
const memory = openSync(journal, 'a');

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  const decoder = new FrameDecoder();
  socket.on('data', (chunk) =>
    decoder.push(chunk, ({ payload }) => {
      const { msgId, state } = decodeToggle(payload);
      if (!applied.has(msgId)) writeSync(memory, `${msgId}\n`);
      applied.add(msgId);
      socket.write(encodeReply({ kind: 'ack', msgId, state }));
    }),
  );
});
server.listen(Number(port), '127.0.0.1', () => {
  process.send?.({ port: (server.address() as AddressInfo).port } satisfies Birth);
});
// Whoever started it is gone: so is its use.
process.on('disconnect', () => process.exit());
