import assert from 'node:assert/strict';
import { LEVELS, Log, verdictLog } from '../../src/cli/log';

const NOW = () => new Date('2025-11-01T12:34:56.789Z');

function logAt(threshold?: (typeof LEVELS)[number]) {
  const lines: string[] = [];
  return { log: new Log((line) => lines.push(line), threshold, NOW), lines };
}

describe('log of the commands', () => {
  it('writes a verdict in the format of the packet log', () => {
    const { log, lines } = logAt();
    const ids = { deviceId: 'lamp', msgId: 'm1', state: true } as const;
    verdictLog(log).verdict?.({ ...ids, outcome: 'confirmed', attempts: 1, latencyMs: 1.234, elapsedMs: 2.345 });
    assert.deepEqual(lines, [
      '{"ts":"2025-11-01T12:34:56.789Z","level":"INFO","message":"Toggle confirmed","event":"verdict","msg_id":"m1",' +
        '"device_id":"lamp","state":true,"outcome":"confirmed","attempts":1,"latency_ms":1.23,"elapsed_ms":2.35}',
    ]);
  });

  it('has reason and error of one that was not confirmed, as an error', () => {
    const { log, lines } = logAt('ERROR');
    const verdict = { outcome: 'failed', reason: 'connection_failed', error: 'refused', circuit: 'open' } as const;
    verdictLog(log).verdict?.({ ...verdict, deviceId: 'lamp', msgId: 'm1', state: true, attempts: 2, elapsedMs: 1 });
    const { level, outcome, reason, error, circuit } = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>;
    assert.deepEqual({ outcome, reason, error, circuit }, verdict);
    assert.equal(level, 'ERROR');
  });

  it('has nothing in a line that would act on a terminal', () => {
    const { log, lines } = logAt();
    const verdict = { outcome: 'dropped', reason: 'unknown_device', error: 'no row', state: true } as const;
    const deviceId = 'lamp\u009b31m\u202e\u2028\u007f';
    verdictLog(log).verdict?.({ ...verdict, deviceId, msgId: 'm1', attempts: 0, elapsedMs: 0 });
    const [line = ''] = lines;
    assert.match(line, /^[\x20-\x7e]+$/);
    assert.equal((JSON.parse(line) as { device_id: string }).device_id, deviceId);
  });

  for (const [index, threshold] of LEVELS.entries()) {
    it(`at ${threshold} shows that level and higher ones`, () => {
      const { log, lines } = logAt(threshold);
      for (const level of LEVELS) {
        log.event(level, 'test', level);
        log.line(`made before: ${level}`, level);
      }
      assert.equal(lines.length, 2 * (LEVELS.length - index));
      assert.deepEqual(
        LEVELS.filter((level) => log.shows(level)),
        LEVELS.slice(index),
      );
    });
  }
});
