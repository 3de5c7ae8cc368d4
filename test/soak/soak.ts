/**
 * `npm run test:soak`: many toggles through a faulty network in one process, with heap, handles and delay of the event loop
 * charted. Fails if the heap of the last quarter is more than 5 % over that of the second one, or if handles are left.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { DeviceSettings } from '../../src/settings/device';
import { chart, median } from './chart';
import { soakTraffic } from './traffic';

const USAGE = `Usage: npm run test:soak [-- --toggles <count>] [--seed <number>] [--connection per-toggle|persistent]

Toggles in each mode (1,000,000 by default), through a network with faults. Writes test-reports/soak.json.
`;
const SAMPLES = 64;
const MOST_GROWTH = 1.05;
const REPORTS = 'test-reports';
const MIB = 2 ** 20;

interface Sample {
  readonly toggles: number;
  readonly heapMiB: number;
  readonly handles: number;
  /** Of the event loop since the sample before, at the 99th percentile. */
  readonly delayMs: number;
}

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      toggles: { type: 'string' },
      seed: { type: 'string' },
      connection: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const all: readonly DeviceSettings['connection'][] = ['per-toggle', 'persistent'];
  const report: Record<string, readonly Sample[]> = {};
  for (const connection of all.filter((each) => (values.connection ?? each) === each)) {
    report[connection] = await soak(connection, Number(values.toggles ?? 1_000_000), Number(values.seed ?? 1));
    mkdirSync(REPORTS, { recursive: true });
    writeFileSync(`${REPORTS}/soak.json`, `${JSON.stringify(report, null, 2)}\n`);
  }
}

async function soak(connection: DeviceSettings['connection'], toggles: number, seed: number): Promise<Sample[]> {
  const begin = performance.now();
  const before = handles();
  const samples: Sample[] = [];
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  const every = Math.ceil(toggles / SAMPLES);
  const outcomes = await soakTraffic({
    seed,
    toggles,
    connection,
    onVerdict: (count) => {
      if (count % every !== 0) return;
      samples.push({
        toggles: count,
        heapMiB: heapMiB(),
        handles: handles(),
        delayMs: delay.percentile(99) / 1e6,
      });
      delay.reset();
    },
  });
  delay.disable();
  // Sockets that were closed in order linger for half a second.
  await pause(1000);
  const left = handles() - before;
  const heap = samples.map((sample) => sample.heapMiB);
  const quarter = (number: number) => median(heap.slice(((number - 1) * heap.length) / 4, (number * heap.length) / 4));
  const growth = quarter(4) / quarter(2);
  const counts = [...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ');
  console.log(
    [
      `${connection}: ${toggles} toggles (${counts}) in ${Math.round((performance.now() - begin) / 1000)} s, seed ${seed}`,
      chart('heap', heap, 'MiB'),
      chart(
        'handles',
        samples.map((sample) => sample.handles),
        'open',
      ),
      chart(
        'loop delay',
        samples.map((sample) => sample.delayMs),
        'ms (p99)',
      ),
      `heap of the last quarter over the second: ${growth.toFixed(3)}; handles left: ${left}`,
    ].join('\n'),
  );
  if (growth > MOST_GROWTH || left > 0) process.exitCode = 1;
  return samples;
}

function heapMiB(): number {
  if (!globalThis.gc) throw new Error('run it with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed / MIB;
}

/** Sockets, timers and whatever else keeps the process alive. */
function handles(): number {
  return process.getActiveResourcesInfo().length;
}
