/** What a scrape of 200 devices at work takes, alone and with 50 scrapers at once, and what it costs their toggles. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { get } from 'node:http';

const DEVICES = 200;
const ROUNDS = 10;
const WARM_UP_ROUNDS = 3;
const ALONE_MS = 3000;

const percentile = (sorted: readonly number[], p: number) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? NaN;

interface Scrape {
  readonly ms: number;
  readonly bytes: number;
}

describe(`scrapers: ${DEVICES} devices with every series that there can be`, function () {
  this.timeout(300_000);
  let simulator: ChildProcess;
  let server: ChildProcess;
  let port: number;

  before(async () => {
    simulator = fork(require.resolve('../support/simulator-process'), ['{"port":0}']);
    const [simulatorPort] = (await once(simulator, 'message')) as [number];
    server = fork(require.resolve('../support/full-metrics'), [String(DEVICES), String(simulatorPort)]);
    const [message] = (await once(server, 'message')) as [{ port: number }];
    ({ port } = message);
  });
  after(async () => {
    for (const child of [server, simulator]) {
      const exit = once(child, 'exit');
      child.disconnect();
      await exit;
    }
  });

  /** What became of the toggles since it was last asked. */
  const toggles = async (): Promise<string> => {
    server.send('');
    const [{ elapsedMs, others }] = (await once(server, 'message')) as [{ elapsedMs: number[]; others: number }];
    elapsedMs.sort((a, b) => a - b);
    const shown = [50, 99].map((p) => `p${p} ${percentile(elapsedMs, p).toFixed(1)} ms`);
    return `${elapsedMs.length} toggles confirmed, ${others} not; ${shown.join(', ')}`;
  };

  /** On a connection of its own. Only counts what comes: what a scraper does with it is not to be measured. */
  const scrape = (encoding: string) =>
    new Promise<Scrape>((resolve, reject) => {
      const startedAt = performance.now();
      const headers = { 'accept-encoding': encoding };
      get({ host: '127.0.0.1', port, path: '/metrics', agent: false, headers }, (response) => {
        let bytes = 0;
        response.on('data', (chunk: Buffer) => (bytes += chunk.length));
        response.on('end', () => resolve({ ms: performance.now() - startedAt, bytes }));
      }).on('error', reject);
    });

  it(`no scraper, for ${ALONE_MS / 1000} s`, async () => {
    await toggles();
    await new Promise((resolve) => setTimeout(resolve, ALONE_MS));
    console.log(`      ${await toggles()}`);
  });

  for (const [scrapers, encoding] of [
    [1, 'identity'],
    [50, 'identity'],
    // As Prometheus asks.
    [50, 'gzip'],
  ] as const) {
    it(`${scrapers} at once, ${encoding}, ${ROUNDS} times`, async () => {
      const times: number[] = [];
      let last: Scrape[] = [];
      for (let round = -WARM_UP_ROUNDS; round < ROUNDS; round += 1) {
        const scrapes = await Promise.all(Array.from({ length: scrapers }, () => scrape(encoding)));
        if (round < 0) {
          await toggles();
          continue;
        }
        times.push(...scrapes.map(({ ms }) => ms));
        last = scrapes;
      }
      times.sort((a, b) => a - b);
      const sizes = new Set(last.map(({ bytes }) => `${Math.round(bytes / 1000)} kB`));
      console.log(`      ${[...sizes].join('; ')}`);
      const shown = [50, 95].map((p) => `p${p} ${percentile(times, p).toFixed(0)} ms`);
      console.log(`      ${shown.join(', ')}, slowest ${percentile(times, 100).toFixed(0)} ms (goal: 250 ms)`);
      console.log(`      meanwhile ${await toggles()}`);
    });
  }
});
