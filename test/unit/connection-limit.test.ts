import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { Server } from 'node:http';
import { limitConnections } from '../../src/observers/connection-limit';

class FakeSocket extends EventEmitter {
  destroyed = false;
  destroy(): void {
    this.destroyed = true;
    this.emit('close');
  }
}

const server = new EventEmitter();
let sockets: FakeSocket[];

function open(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const socket = new FakeSocket();
    socket.once('close', () => closed.push(sockets.indexOf(socket)));
    sockets.push(socket);
    server.emit('connection', socket);
  }
}

/** A complete request on a connection; returns the end of its response. */
function request(index: number): () => void {
  const response = new EventEmitter();
  server.emit('request', { socket: sockets[index] }, response);
  return () => response.emit('close');
}

let closed: number[];

describe('connection limit', () => {
  beforeEach(() => {
    sockets = [];
    closed = [];
    server.removeAllListeners();
    limitConnections(server as unknown as Server, 3);
  });

  it('closes the connection that has been silent the longest', () => {
    open(5);
    assert.deepEqual(closed, [0, 1]);
  });

  it('closes none while there is room, also what others left', () => {
    open(3);
    sockets[1]?.destroy();
    open(1);
    assert.deepEqual(closed, [1]);
  });

  it('spares a connection whose request is being answered', () => {
    open(3);
    request(0);
    open(2);
    assert.deepEqual(closed, [1, 2]);
  });

  it('counts the time of one that was answered from its answer', () => {
    open(2);
    request(0)();
    open(3);
    assert.deepEqual(closed, [1, 0]);
  });

  it('closes the one that was answered longest ago when each had a request', () => {
    open(3);
    const [first, second, third] = [request(0), request(1), request(2)];
    second();
    third();
    open(1);
    assert.deepEqual(closed, [1]);
    first();
  });

  it('closes the oldest request when all are being answered', () => {
    open(3);
    for (const index of [2, 0, 1]) request(index);
    open(1);
    assert.deepEqual(closed, [2]);
  });

  it('takes a connection that is gone when its response ends for gone', () => {
    open(1);
    const end = request(0);
    sockets[0]?.destroy();
    end();
    open(3);
    assert.deepEqual(closed, [0]);
  });
});
