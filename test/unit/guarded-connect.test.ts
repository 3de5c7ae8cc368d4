/** A `connect` of the user that keeps no promise: its connection fails, and ends, once its owner has it. */
import assert from 'node:assert/strict';
import { guardedConnect } from '../../src/transport/guarded-connect';
import type { ClientSocket, SocketEvents } from '../../src/transport/socket';

const ENDPOINT = { host: 'device.test', port: 1, connectTimeoutMs: 1 };
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

function setUp(connect: () => unknown) {
  const told: string[] = [];
  const events: SocketEvents = {
    connected: () => told.push('connected'),
    data: () => told.push('data'),
    failed: ({ error }) => told.push(error),
    closed: () => told.push('closed'),
  };
  const socket = guardedConnect(connect as () => ClientSocket)(ENDPOINT, events);
  return { socket, told };
}

describe('guarded connect', () => {
  for (const [name, connect, error] of [
    ['returns no socket', () => ({ write: () => undefined }), 'connect returned no socket'],
    ['returns a function', () => () => undefined, 'connect returned no socket'],
    ['throws', () => assert.fail('no route'), 'connect failed: no route'],
  ] as const) {
    it(`ends the connection of one that ${name}, so that the next one of its lane need not wait for it`, async () => {
      const { told } = setUp(connect);
      assert.deepEqual(told, []);
      await settled();
      assert.deepEqual(told, [error, 'closed']);
    });
  }

  it('passes on a socket as it is', async () => {
    const nothing = () => undefined;
    const own = { unsentBytes: 0, write: nothing, end: nothing, reset: nothing };
    const { socket, told } = setUp(() => own);
    await settled();
    assert.equal(socket, own);
    assert.deepEqual(told, []);
  });
});
