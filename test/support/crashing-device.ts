/**
 * A process that is meant to be killed: a device whose state survives it. It writes each toggle to its journal before
 * it replies, and does not apply a toggle that is in the journal, also from an earlier process.
 * Arguments: journal, port. Sends its port to the parent process once it listens.
 */
import { existsSync, openSync, readFileSync, writeSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { FrameDecoder } from '../../src/protocol/frame';
import { decodeToggle, encodeReply } from '../../src/protocol/toggle';

/** The message to the parent process. */
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
// The parent process has ended.
process.on('disconnect', () => process.exit());
