/** How speed, latency and memory grow with device ids on one gateway, and with devices that have connections of their own. */
import { fork } from 'node:child_process';
import type { ScalingFigures, ScalingRequest } from './scaling-process';
import { shown, summaryOf, table } from './summary';
import type { Tally } from './checking-device';
import { answerOf, ended } from './contest';
import { benchOptions, writeReport } from './options';

const DEFAULT_ROUNDS = 3;

const GATEWAY: readonly ScalingRequest[] = [1, 10, 100, 1000, 10_000].map((ids) => ({ ids, devices: 1 }));
const DEVICES: readonly ScalingRequest[] = [1, 10, 100, 1000].map((devices) => ({ ids: devices, devices }));

describe('scaling', function () {
  this.timeout(0);
  const { rounds = DEFAULT_ROUNDS, seconds } = benchOptions();

  for (const [title, requests] of [
    ['device ids on one gateway, over one persistent connection', GATEWAY],
    ['devices, each with a persistent connection of its own', DEVICES],
  ] as const) {
    it(`${title}: all switched again and again, ${rounds} rounds of ${seconds} s, each in a process of its own`, async () => {
      const rows = [['', 'toggles/s', 'CPU µs', 'p50 ms', 'p99 ms', 'kB for each', 'RSS MB']];
      const results = [];
      for (const request of requests) {
        const runs: ScalingFigures[] = [];
        for (let round = 0; round < rounds; round += 1) runs.push(await measure(request, seconds));
        const median = (what: (run: ScalingFigures) => number) => summaryOf(runs.map((run) => what(run))).median;
        const figures = {
          perSecond: median(({ perSecond }) => perSecond),
          cpuMicroseconds: median(({ cpuMicroseconds }) => cpuMicroseconds),
          p50Ms: median(({ p50Ms }) => p50Ms),
          p99Ms: median(({ p99Ms }) => p99Ms),
          kilobytesEach: median(({ heapBytes }) => heapBytes) / request.ids / 1000,
          rssMegabytes: median(({ rssBytes }) => rssBytes) / 1e6,
        };
        rows.push([String(request.ids), ...Object.values(figures).map(shown)]);
        results.push({ ...request, ...figures, runs });
      }
      console.log(`\n${table(rows)}\n`);
      writeReport(`scaling-${requests === GATEWAY ? 'gateway' : 'devices'}`, { rounds, seconds, results });
    });
  }
});

/** Fails when the device was sent a wrong packet, or a toggle was not confirmed. */
async function measure(request: ScalingRequest, seconds: number): Promise<ScalingFigures> {
  const device = fork(require.resolve('./checking-device'), ['1']);
  const [port] = (await answerOf(device)) as [number];
  const argument = JSON.stringify({ ...request, port, forMs: seconds * 1000 });
  const child = fork(require.resolve('./scaling-process'), [argument], { execArgv: ['--expose-gc'] });
  const figures = (await answerOf(child)) as ScalingFigures;
  device.send(port);
  const { wrong, problem } = (await answerOf(device)) as Tally;
  await ended(child);
  await ended(device);
  if (figures.failed > 0 || wrong > 0)
    throw new Error(`${figures.failed} not confirmed, ${wrong} wrong: ${problem ?? ''}`);
  return figures;
}
