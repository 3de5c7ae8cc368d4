import assert from 'node:assert/strict';
import { isAllowedHost } from '../../src/observers/allowed-host';

const FURTHER = ['Metrics.lan', 'proxy.lan:9400', '[fd00::1]:9400', 'fd00::2', ''];

describe('Host names of metrics requests', () => {
  for (const header of [
    'localhost:9400',
    'LOCALHOST',
    'localhost.',
    'localhost.:9400',
    '127.0.0.1:9400',
    '127.0.0.2',
    '[::1]:9400',
    '[0:0:0:0:0:0:0:1]',
    '[::ffff:7f00:1]:9400',
    'metrics.lan:9400',
    'metrics.lan.',
    'proxy.lan:9400',
    'proxy.lan',
    'proxy.lan:80',
    '[fd00::1]',
    '[fd00::2]:9400',
  ]) {
    it(`answers ${header}`, () => assert.ok(isAllowedHost(header, '127.0.0.1', FURTHER)));
  }
  for (const header of [
    'evil.example:9400',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    'localhost..',
    '128.0.0.1',
    '',
    ':9400',
    undefined,
    '[::2]',
    '[::1',
    '[::1].evil.example',
    '[::ffff:10.0.0.1]',
    'localhost:9400.evil.example',
  ]) {
    it(`refuses ${header}`, () => assert.ok(!isAllowedHost(header, '127.0.0.1', FURTHER)));
  }
  for (const boundTo of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1']) {
    it(`refuses other names where it is bound to ${boundTo}`, () =>
      assert.ok(!isAllowedHost('plant.example', boundTo, [])));
  }
  for (const boundTo of ['0.0.0.0', '::', '192.168.1.20', '::ffff:192.168.1.20', 'fe80::1%eth0']) {
    it(`answers any name where it is bound to ${boundTo}, so that others may connect`, () =>
      assert.ok(isAllowedHost('plant.example', boundTo, [])));
  }
});
