/** Which format a scraper gets, and whether OpenMetrics says the same as Prometheus' own. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { preferredFormat } from '../../src/observers/exposition';
import { Metrics } from '../../src/observers/metrics';
import { singleFlight } from '../../src/observers/single-flight';
import { fakeClock } from '../support/fixtures';

const OPEN = 'application/openmetrics-text';
const VERDICT = { outcome: 'confirmed', deviceId: 'a "b"\n_total counter', msgId: 'm', attempts: 1 } as const;

describe('exposition: content negotiation', () => {
  const cases: readonly (readonly [accept: string | undefined, format: string])[] = [
    [undefined, 'prometheus'],
    ['', 'prometheus'],
    ['*/*', 'prometheus'],
    ['text/html,application/xhtml+xml,*/*;q=0.8', 'prometheus'],
    ['text/plain', 'prometheus'],
    [OPEN, 'openmetrics'],
    [`${OPEN};version=1.0.0`, 'openmetrics'],
    [`${OPEN}; version=1.0.0; charset=utf-8`, 'openmetrics'],
    [`${OPEN};version=0.0.1`, 'prometheus'],
    [`${OPEN};version=1.0.0;q=0.2,text/plain;q=0.9`, 'prometheus'],
    [`${OPEN};version=1.0.0;q=0`, 'prometheus'],
    // Prometheus 2.42, and 3.
    [`${OPEN};version=1.0.0,${OPEN};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`, 'openmetrics'],
    [`${OPEN};version=1.0.0;q=0.6,${OPEN};version=0.0.1;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2`, 'openmetrics'],
    ['ÿ;;;,,=q', 'prometheus'],
  ];
  for (const [accept, format] of cases) {
    it(`${accept}: ${format}`, () => assert.equal(preferredFormat(accept), format));
  }
});

describe('exposition: OpenMetrics', () => {
  it('has the samples of the Prometheus text, families named without _total, no blank line, and an end', async () => {
    const metrics = new Metrics();
    metrics.observer('one').verdict?.({ ...VERDICT, latencyMs: 3, elapsedMs: 4 });
    const [plain, open] = await Promise.all([undefined, OPEN].map((accept) => metrics.exposition({ accept })));
    assert.match(plain?.contentType ?? '', /^text\/plain; version=0\.0\.4; charset=utf-8$/);
    assert.match(open?.contentType ?? '', /^application\/openmetrics-text; version=1\.0\.0; charset=utf-8$/);
    const samples = (text = '') => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    assert.deepEqual(samples(open?.text), samples(plain?.text));
    assert.match(open?.text ?? '', /^# HELP tcp_comm_toggles Verdicts\n# TYPE tcp_comm_toggles counter$/m);
    assert.doesNotMatch(open?.text ?? '', /\n\n|^# .*_total /m);
    assert.match(open?.text ?? '', /\n# EOF\n$/);
    // The one that follows must not have lost its names to it.
    assert.equal((await metrics.exposition()).text, plain?.text);
  });
});

describe('shared readings', () => {
  it('read once for concurrent callers, and again for callers during a read', async () => {
    let readings = 0;
    const read = singleFlight(() => Promise.resolve((readings += 1)));
    const first = [read(), read(), read()];
    await first[0];
    const second = [read(), read()];
    assert.deepEqual(await Promise.all([...first, ...second]), [1, 1, 1, 2, 2]);
  });

  it('never return a read that began before the call', async () => {
    let value = 'old';
    const begun = new EventEmitter();
    const read = singleFlight(async () => {
      const then = value;
      const end = once(begun, 'end');
      begun.emit('reading');
      await end;
      return then;
    });
    const early = read();
    await once(begun, 'reading');
    value = 'new';
    const late = read();
    begun.emit('end');
    assert.equal(await early, 'old');
    await once(begun, 'reading');
    begun.emit('end');
    assert.equal(await late, 'new');
  });

  it('wait a moment for further callers', async () => {
    const clock = fakeClock();
    let readings = 0;
    const read = singleFlight(() => Promise.resolve((readings += 1)), clock);
    const crowd: Promise<number>[] = [];
    for (let ms = 0; ms < 15; ms += 1) {
      crowd.push(read());
      await clock.advance(1);
    }
    assert.deepEqual(new Set(await Promise.all(crowd)), new Set([1]));
    assert.equal(clock.pendingTimers, 0);
  });

  it('that fail reject for those who shared them; the next one still runs', async () => {
    let readings = 0;
    const read = singleFlight(() =>
      (readings += 1) === 1 ? Promise.reject(new Error('no')) : Promise.resolve(readings),
    );
    const failed = [assert.rejects(read(), /no/), assert.rejects(read(), /no/)];
    await Promise.all(failed);
    assert.equal(await read(), 2);
  });
});
