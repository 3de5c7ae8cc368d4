/**
 * A process in its own network namespace: a broker, two workers, and a network between one of them and the broker that is
 * cut and heals. Arguments: ip, nft, and `sick` for a plant that loses one reply in ten and whose devices refuse for
 * seconds. Prints its CutReport.
 */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { errorText } from '../../src/printable';
import { parseSettings } from '../../src/settings/field';
import { fleetFields } from '../../src/settings/fleet';
import { Fleet } from '../../src/fleet/fleet';
import { seededRandom } from '../../src/simulator/seeded-random';
import { PrivateBroker } from './broker';
import { FleetLoad } from './fleet-load';
import { startFleetPlant } from './fleet-plant';
import { Refusals } from './refusals';
import { PARTITIONS, PartitionWatch, setUp } from './partition-watch';

export interface CutReport {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly commands: { readonly duringCut: number };
  /** What is wrong with the order or the last states by the devices' records; empty if nothing is. */
  readonly disorder: string;
  readonly longestGapMs: number;
}

/** Nothing else is in this namespace. */
const SECOND_PORT = 5673;
const DEVICES = 60;
/** Longer than it takes the broker to notice, and the other worker to take the partitions. */
const CUT_MS = 15_000;
const BUSY_MS = 3000;
const LOST_SHARE = 0.1;
const PATIENT = ['--connect-timeout-ms', '5000', '--io-timeout-ms', '5000'];
/** A reply that is lost costs its whole wait. */
const IMPATIENT = ['--io-timeout-ms', '1000', '--max-attempts', '3', '--backoff-base-ms', '50', '--jitter-ms', '50'];
const [ip = '', nft = '', health = 'well'] = process.argv.slice(2);
const isSick = health === 'sick';
const sleep = (ms: number) => new Promise((wake) => setTimeout(wake, ms));

async function scene(): Promise<CutReport> {
  execFileSync(ip, ['link', 'set', 'lo', 'up']);
  const broker = await PrivateBroker.start({ config: [`listeners.tcp.2 = 127.0.0.1:${SECOND_PORT}`] });
  await setUp(broker.url);
  const random = seededRandom(1);
  const plant = await startFleetPlant(DEVICES, isSick ? { losesReply: () => random() < LOST_SHARE } : {});
  const refusals = new Refusals(plant, random);
  const workers = [
    new SceneWorker(broker.urlAt(SECOND_PORT), plant.file, 0),
    new SceneWorker(broker.url, plant.file, 1),
  ];
  const watch = await PartitionWatch.start(broker.url);
  await watch.allConsumed();
  const settings = parseSettings(fleetFields, { replyTimeoutMs: 120_000 });
  if (!settings.ok) throw new Error(settings.problems.join());
  const fleet = new Fleet(settings.settings, { url: broker.url });
  const load = new FleetLoad(fleet, plant);
  let isDone = false;
  const running = load.keepBusy(() => isDone);
  if (isSick) refusals.start();
  await sleep(BUSY_MS);
  const before = load.verdicts.size;
  cut();
  await sleep(CUT_MS);
  const duringCut = load.verdicts.size - before;
  execFileSync(nft, ['delete', 'table', 'inet', 'cut']);
  // The second worker hands back what it took.
  await workers[1]?.left(PARTITIONS / 2);
  await sleep(BUSY_MS);
  isDone = true;
  await running;
  await refusals.end();
  await load.run({ commands: DEVICES, perDevice: 1 });
  await watch.close();
  await fleet.close();
  for (const worker of workers) worker.kill();
  await plant.close();
  await broker.remove();
  const longestGapMs = Math.max(0, ...watch.longestGapMs.values());
  return { outcomes: load.outcomes, commands: { duringCut }, disorder: disorderOf(load), longestGapMs };
}

class SceneWorker {
  private readonly child: ChildProcess;
  private leftCount = 0;
  private listeners: (() => void)[] = [];

  constructor(url: string, inventory: string, index: number) {
    const args = ['--inventory', inventory, '--index', String(index), '--workers', '2', '--metrics-port', '0'];
    const patience = isSick ? IMPATIENT : PATIENT;
    const command = [resolve(__dirname, '../../src/cli/phase0-worker.js'), '--amqp-url', url, ...args, ...patience];
    this.child = spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'ignore'] });
    createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      if (!line.includes('"event":"partition"') || !line.includes('"consumed":false')) return;
      this.leftCount += 1;
      for (const wake of this.listeners.splice(0)) wake();
    });
  }

  /** Resolves when it has left so many partitions. */
  async left(count: number): Promise<void> {
    while (this.leftCount < count) await new Promise<void>((wake) => this.listeners.push(wake));
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }
}

/** From now on packets from and to the second port are dropped silently. */
function cut(): void {
  const rules = `tcp sport ${SECOND_PORT} drop; tcp dport ${SECOND_PORT} drop;`;
  const chain = `chain arriving { type filter hook input priority 0; ${rules} }`;
  execFileSync(nft, ['-f', '-'], { input: `table inet cut {\n${chain}\n}\n` });
}

function disorderOf(load: FleetLoad): string {
  try {
    load.assertOrder();
    load.assertLastStates();
    return '';
  } catch (error) {
    return errorText(error);
  }
}

void scene().then((report) => {
  process.stdout.write(JSON.stringify(report), () => process.exit());
});
