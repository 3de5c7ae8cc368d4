/** What a second worker is worth, and what a command costs a worker and the broker. */
import { FleetRuns, type FleetFigures } from './fleet-runs';
import { benchOptions, writeReport } from './options';
import { shown, shownWithSpread, summaryOf, summaryOfPairs, table } from './summary';
import { requires } from '../support/requirements';

const DEVICES = 300;
const DELAY_MS = 20;
/** Few commands at a time, so that the processor is not what limits one worker: then a second one could not be worth anything. */
const FEW = { partitions: 4, inFlight: 4 } as const;
const GOAL = 1.6;
const COUNTS = [1, 2] as const;
/** What is used by default, with which a worker does as much as it can. */
const MANY = { partitions: 12, prefetch: 25 } as const;

describe('fleet', function () {
  requires('rabbitmq');
  this.timeout(0);
  const { rounds, seconds } = benchOptions({ rounds: 3, seconds: 5 });
  const forMs = seconds * 1000;
  let fleet: FleetRuns;
  before(async () => {
    fleet = await FleetRuns.start({ devices: DEVICES, delayMs: DELAY_MS });
  });
  after(() => fleet?.close());

  it(`one worker against two, each with ${FEW.inFlight} commands in flight, replies after ${DELAY_MS} ms: ${rounds} rounds of ${seconds} s by turns`, async () => {
    const runs = new Map<number, FleetFigures[]>(COUNTS.map((workers) => [workers, []]));
    const { partitions, inFlight } = FEW;
    for (let round = 0; round < rounds; round += 1) {
      for (const workers of round % 2 === 0 ? COUNTS : COUNTS.toReversed()) {
        const prefetch = (inFlight * workers) / partitions;
        runs.get(workers)?.push(await fleet.run({ workers, partitions, prefetch, forMs }));
      }
    }
    const [one = [], two = []] = COUNTS.map((workers) => runs.get(workers));
    console.log(`\n${table([HEADER, row('1 worker', one), row('2 workers', two)])}\n`);
    console.log(`shares of the two: ${two.map(({ commandsByWorker }) => commandsByWorker.join(' + ')).join(', ')}`);
    const ratio = Math.max(...two.map(rateOf)) / Math.max(...one.map(rateOf));
    const pairs = summaryOfPairs(two.map(rateOf), one.map(rateOf), (each, other) => each / other);
    const words = ratio >= GOAL ? 'reached' : 'missed';
    console.log(
      `best of two / best of one: ${shown(ratio)} (goal ≥ ${GOAL}: ${words}); by rounds ${shownWithSpread(pairs)}\n`,
    );
    writeReport('fleet', { rounds, seconds, delayMs: DELAY_MS, ...FEW, ratio, one, two });
  });

  it(`one worker that does as much as it can: ${rounds} rounds of ${seconds} s`, async () => {
    const runs: FleetFigures[] = [];
    for (let round = 0; round < rounds; round += 1) runs.push(await fleet.run({ workers: 1, ...MANY, forMs }));
    console.log(`\n${table([HEADER, row('1 worker', runs)])}\n`);
    writeReport('fleet-cost', { rounds, seconds, delayMs: DELAY_MS, ...MANY, runs });
  });
});

const HEADER = ['', 'commands/s', 'best', 'CPU ms of workers', 'of the broker', 'of the requester', 'p50 ms'];
const rateOf = ({ perSecond }: FleetFigures) => perSecond;

/** CPU is that for each command; that of two workers is both together. */
function row(name: string, runs: readonly FleetFigures[]): readonly string[] {
  const of = (what: (run: FleetFigures) => number) => summaryOf(runs.map((run) => what(run)));
  const rate = of(rateOf);
  const cpus = [
    of(({ workerMsPerCommand }) => workerMsPerCommand),
    of(({ brokerMsPerCommand }) => brokerMsPerCommand),
    of(({ cpuMicroseconds }) => cpuMicroseconds / 1000),
  ];
  return [
    name,
    shownWithSpread(rate),
    shown(rate.high),
    ...cpus.map(shownWithSpread),
    shown(of(({ p50Ms }) => p50Ms).median),
  ];
}
