import assert from 'node:assert/strict';
import { isAllowedHost } from '../../src/observers/allowed-host';

describe('Host names of metrics requests', () => {
  for (const header of [
    'localhost:9400',
    'LOCALHOST',
    '127.0.0.1:9400',
    '127.0.0.2',
    '[::1]:9400',
    'metrics.lan:9400',
  ]) {
    it(`answers ${header}`, () => assert.ok(isAllowedHost(header, '127.0.0.1', ['Metrics.lan'])));
  }
  for (const header of [
    'evil.example:9400',
    '127.0.0.1.evil.example',
    'localhost.evil.example',
    '',
    undefined,
    '[::2]',
  ]) {
    it(`refuses ${header}`, () => assert.ok(!isAllowedHost(header, '127.0.0.1', ['metrics.lan'])));
  }
  it('answers any name where others may connect', () => assert.ok(isAllowedHost('plant.example', '0.0.0.0', [])));
});
