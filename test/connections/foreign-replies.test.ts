/** Replies of servers that are not Phase 0 devices: none may confirm a toggle that was not executed. */
import assert from 'node:assert/strict';
import type { ReplyPolicy } from '../../src/protocol/reply-stream';
import { deviceAt, frame, scripted } from '../support/devices';
import { listen } from '../support/loopback';

type Bytes = string | Buffer;

interface Case {
  readonly name: string;
  /** Sent as soon as the connection is accepted. */
  readonly greeting?: Bytes;
  /** Sent in answer to the request, one after the other. */
  readonly answers?: readonly Bytes[] | ((msgId: string) => readonly Bytes[]);
  /** The verdict under `auto`; `any` confirms whatever answers, `framed` only frames. */
  readonly auto: string;
  readonly any: string;
  readonly framed: string;
}

const BAD = 'unknown/bad_reply';
const SILENT = 'unknown/timeout';
const OK = 'confirmed';

/** Bytes in answer that only `any` takes. */
const foreign = (name: string, ...answers: Bytes[]): Case => ({ name, answers, auto: BAD, any: OK, framed: BAD });
/** Bytes before the request, and silence after it: no reply under any policy. */
const greeting = (name: string, bytes: Bytes): Case => ({
  name,
  greeting: bytes,
  auto: SILENT,
  any: SILENT,
  framed: SILENT,
});
const ack = (msgId: string) => frame(`{"opcode":"ack","msg_id":"${msgId}"}`);

const CASES: readonly Case[] = [
  foreign('HTTP', 'HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'),
  foreign('SSH', 'SSH-2.0-OpenSSH_9.2\r\n'),
  foreign('FTP', '220 FTP server ready\r\n'),
  foreign('SMTP', '220 mail.example ESMTP\r\n'),
  foreign('POP3', '+OK ready\r\n'),
  foreign('IMAP', '* OK IMAP4rev1\r\n'),
  foreign('Redis', '-ERR unknown command\r\n'),
  foreign('Redis pong', '+PONG\r\n'),
  foreign('telnet negotiation', Buffer.from([0xff, 0xfd, 0x18, 0xff, 0xfd, 0x20])),
  foreign('TLS alert', Buffer.from([0x15, 0x03, 0x01, 0x00, 0x02, 0x02, 0x46])),
  foreign('TLS hello', Buffer.from([0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03])),
  foreign('Modbus exception', Buffer.from([0x00, 0x01, 0x00, 0x00, 0x00, 0x03, 0x01, 0x81, 0x02])),
  foreign('MQTT CONNACK', Buffer.from([0x20, 0x02, 0x00, 0x00])),
  foreign('MySQL', Buffer.from('4a0000000a382e302e3333', 'hex')),
  foreign('PostgreSQL error', Buffer.from('450000000753', 'hex')),
  foreign('VNC', 'RFB 003.008\n'),
  foreign('projector', 'PJLINK 0\r'),
  foreign('JSON', '{"ok":true}\n'),
  foreign('NAK', 'NAK'),
  foreign('ERR', 'ERR\r\n'),
  foreign('an empty line', '\r\n'),
  foreign('NULs', Buffer.alloc(8)),
  foreign('a space before ACK', ' ACK'),
  foreign('ACKX', 'ACKX'),
  foreign('ack in small letters', 'ack'),
  foreign('ACK twice in one piece', 'ACKACK'),
  foreign('ACK and words', 'ACK done'),
  foreign('an old magic', Buffer.from([0xf0, 0x0e, 0x01, 0, 0, 0, 0])),
  foreign('UTF-16', Buffer.from('ACK', 'utf16le')),
  foreign('a byte order mark', Buffer.from('\uFEFFACK')),
  greeting('an SSH greeting, then silence', 'SSH-2.0-OpenSSH_9.2\r\n'),
  greeting('a projector greeting, then silence', 'PJLINK 0\r'),
  greeting('ACK before the request, then silence', 'ACK'),
  greeting('NULs before the request, then silence', Buffer.alloc(3)),
  { name: 'ACK', answers: ['ACK'], auto: OK, any: OK, framed: BAD },
  { name: 'ACK and a line break', answers: ['ACK\r\n'], auto: OK, any: OK, framed: BAD },
  { name: 'ACK in three pieces', answers: ['A', 'C', 'K'], auto: OK, any: OK, framed: BAD },
  { name: 'a greeting, then ACK', greeting: 'HELLO\r\n', answers: ['ACK'], auto: OK, any: OK, framed: BAD },
  { name: 'a matching frame', answers: (msgId) => [ack(msgId)], auto: OK, any: OK, framed: OK },
  {
    name: 'a frame in two pieces',
    answers: (msgId) => [ack(msgId).subarray(0, 9), ack(msgId).subarray(9)],
    auto: OK,
    any: OK,
    framed: OK,
  },
  { name: 'a frame for another toggle', answers: () => [ack('ffff')], auto: SILENT, any: OK, framed: SILENT },
  { name: 'silence', auto: SILENT, any: SILENT, framed: SILENT },
  // Time is up for the reply and for the frame that it is a part of, which must not depend on which timer is first.
  ...[1, 2, 3].map((time) => ({
    name: `half a header, time ${time}`,
    answers: [Buffer.from('f00d0100', 'hex')],
    auto: SILENT,
    any: OK,
    framed: SILENT,
  })),
];

async function serverFor({ greeting: bytes, answers = [] }: Case): Promise<number> {
  const { port } = await listen((socket) => {
    socket.setNoDelay(true).on('error', () => undefined);
    if (bytes) socket.write(bytes);
    socket.once('data', (request) => {
      const msgId = JSON.parse(request.subarray(7).toString()).msg_id as string;
      const [first, ...rest] = typeof answers === 'function' ? answers(msgId) : answers;
      if (first) socket.write(first);
      // Pieces of their own: each waits for the one before to be read.
      rest.forEach((piece, index) => setTimeout(() => socket.write(piece), 5 * (index + 1)));
    });
  });
  return port;
}

describe('foreign replies', () => {
  for (const connection of ['per-toggle', 'persistent'] as const) {
    for (const each of CASES) {
      it(`${connection}: ${each.name}`, async () => {
        const port = await serverFor(each);
        for (const reply of ['auto', 'any', 'framed'] as const satisfies readonly ReplyPolicy[]) {
          const { device } = deviceAt(port, { connection, reply, maxAttempts: 1, ioTimeoutMs: 60 });
          const { outcome, reason } = await device.toggle({ state: true });
          assert.equal(reason ? `${outcome}/${reason}` : outcome, each[reply], reply);
        }
      });
    }
  }

  for (const [name, pieces, received] of [
    ['a bad header in two pieces', ['f0', '0d0700'], 'f00d0700'],
    ['no ACK in two pieces', ['41', '4358'], '414358'],
    ['half a frame, and the end', ['f00d010000', '0040', '7b22'], 'f00d01000000407b22'],
    ['half an ACK, and the end', ['4143'], '4143'],
    ['a frame for another toggle, then garbage', [`${ack('ffff').toString('hex')}f0`, 'ff'], 'f0ff'],
  ] as const) {
    for (const connection of ['per-toggle', 'persistent'] as const) {
      it(`${connection}: ${name}: the verdict has all bytes of the reply`, async () => {
        const port = await scripted((socket) => {
          socket.setNoDelay(true);
          pieces.forEach((piece, index) => setTimeout(() => socket.write(Buffer.from(piece, 'hex')), 5 * index));
          setTimeout(() => socket.end(), 5 * pieces.length);
        });
        const { device, packets } = deviceAt(port, { connection, maxAttempts: 1 });
        const verdict = await device.toggle({ state: true });
        assert.deepEqual([verdict.reason, verdict.received], ['bad_reply', received]);
        assert.equal(Buffer.from(packets.at(-1)?.bytes ?? []).toString('hex'), received);
      });
    }
  }

  it('the error of a bad reply shows its bytes', async () => {
    const port = await serverFor({ ...foreign('', 'HTTP/1.1 400 Bad Request\r\n\r\n') });
    const { device, decodeErrors } = deviceAt(port, { maxAttempts: 1 });
    const verdict = await device.toggle({ state: true });
    assert.match(verdict.error ?? '', /48 54 54 50.*HTTP\/1\.1 400/);
    assert.deepEqual(decodeErrors, ['bad_magic']);
  });

  it('a greeting is counted as unsolicited', async () => {
    const port = await serverFor({ name: '', greeting: 'HELLO\r\n', answers: ['ACK'], auto: OK, any: OK, framed: BAD });
    const { device, decodeErrors } = deviceAt(port, { maxAttempts: 1 });
    assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
    assert.deepEqual(decodeErrors, ['unsolicited']);
  });

  for (const reply of ['auto', 'any'] as const) {
    it(`persistent, ${reply}: a second answer never confirms the next toggle`, async () => {
      let requests = 0;
      const { port } = await listen((socket) => {
        socket.on('error', () => undefined);
        socket.on('data', () => {
          requests += 1;
          if (requests > 1) return;
          socket.write('ACK');
          setTimeout(() => socket.write('DONE'), 20);
        });
      });
      const { device } = deviceAt(port, { connection: 'persistent', reply, maxAttempts: 1 });
      assert.equal((await device.toggle({ state: true })).outcome, 'confirmed');
      const { outcome, reason } = await device.toggle({ state: false });
      assert.equal(`${outcome}/${reason}`, SILENT);
    });
  }
});
