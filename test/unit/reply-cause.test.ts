import assert from 'node:assert/strict';
import { causeAfterGreeting, firstBytes, replyCause } from '../../src/protocol/reply-cause';
import { perToggleScene, persistentScene } from '../support/transport-scene';

const bytes = (text: string) => Buffer.from(text, 'latin1');

describe('cause of a reply that does not count', () => {
  for (const [text, reason, cause] of [
    ['HTTP/1.1 400 Bad Request\r\n', 'bad_magic', 'replied_http'],
    ['<!DOCTYPE html>', 'bad_magic', 'replied_http'],
    ['SSH-2.0-x', 'bad_magic', 'replied_ssh'],
    ['\x15\x03\x03\x00\x02\x02\x46', 'bad_magic', 'replied_tls'],
    ['\x16\x03\x01\x00\x05', 'bad_magic', 'replied_tls'],
    ['{"opcode":"toggle","device_id":"lamp"}', 'msg_id_mismatch', 'replied_echo'],
    ['ACK', 'bad_magic', 'raw_ack_but_framed_expected'],
    ['ACK\r\n\0', 'bad_magic', 'raw_ack_but_framed_expected'],
    ['ACKX', 'bad_magic', 'reply_not_understood'],
    ['', 'truncated', 'reply_incomplete'],
    ['\xf0\x0d\x02', 'bad_version', 'frame_version'],
    ['\xf0\x0d\x01', 'too_large', 'frame_broken'],
    ['\xf0\x0d\x01', 'bad_json', 'frame_broken'],
    ['\xf0\x0d\x01', 'bad_message', 'frame_broken'],
  ] as const) {
    it(`${JSON.stringify(text)} (${reason}) is ${cause}`, () => assert.equal(replyCause(bytes(text), reason), cause));
  }

  it('looks at the beginning of a long reply only', () => {
    assert.equal(replyCause(bytes(`${'x'.repeat(100_000)}"opcode":"toggle"`), 'bad_magic'), 'reply_not_understood');
  });
});

describe('cause after a greeting', () => {
  it('is another service, if the failure alone says little', () => {
    assert.equal(causeAfterGreeting('no_reply', bytes('220 ready')), 'replied_greeting');
    assert.equal(causeAfterGreeting('closed_without_reply', bytes('SSH-2.0-x')), 'replied_ssh');
  });

  it('is the cause itself, if that says more, or if nobody greeted', () => {
    assert.equal(causeAfterGreeting('refused_by_device', bytes('hello')), 'refused_by_device');
    assert.equal(causeAfterGreeting('no_reply', bytes('')), 'no_reply');
    assert.equal(causeAfterGreeting(undefined, bytes('hello')), undefined);
  });

  it('keeps 64 bytes of a greeting', () => {
    const greeting = firstBytes(firstBytes(bytes('ab'), bytes('x'.repeat(1000))), bytes('more'));
    assert.equal(Buffer.from(greeting).toString(), `ab${'x'.repeat(62)}`);
  });
});

describe('cause of silence after a greeting', () => {
  for (const [kind, newScene] of [
    ['per-toggle', perToggleScene],
    ['persistent', persistentScene],
  ] as const) {
    it(`${kind}: another service, which greeted`, async () => {
      const scene = newScene();
      const on = await scene.start('m1');
      scene.socket(1).receive('SSH-2.0-');
      scene.socket(1).receive('x');
      scene.socket(1).open();
      await scene.advance(500);
      assert.equal(on.result?.cause, 'replied_ssh');
    });
  }
});
