/** Runs of a fleet: workers are started for each, switch for a time, and end. */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Fleet } from '../../src/fleet/fleet';
import { PrivateBroker } from '../support/broker';
import { start, type Command } from '../support/command';
import { fleetAt } from '../support/fleet-scene';
import { refusedPort } from '../support/loopback';
import { setUp } from '../support/partition-watch';
import { cpuMsOf, cpuMsOfGroup } from '../support/process-cpu';
import { idsOf, runClosedLoop, type Figures } from './closed-loop';
import { answerOf, ended } from './contest';

export interface FleetRunsOptions {
  readonly devices: number;
  readonly delayMs: number;
}

export interface FleetRun {
  readonly workers: number;
  /** More than in the run before, or as many. */
  readonly partitions: number;
  /** Commands that a worker has of each partition at a time. */
  readonly prefetch: number;
  readonly forMs: number;
}

export interface FleetFigures extends Figures {
  /** Of all workers together, and of the broker. */
  readonly workerMsPerCommand: number;
  readonly brokerMsPerCommand: number;
  readonly commandsByWorker: readonly number[];
}

/** What is compiled and connected once is not to be measured. */
const WARM_UP_MS = 1500;
/** A machine under load is slow to answer. */
const PATIENT = { 'connect-timeout-ms': 10_000, 'io-timeout-ms': 20_000 } as const;
const READY_POLL_MS = 50;

interface RunningWorker {
  readonly command: Command;
  readonly metricsPort: number;
}

export class FleetRuns {
  private readonly folder = mkdtempSync(join(tmpdir(), 'phase0-fleet-bench-'));

  private constructor(
    private readonly options: FleetRunsOptions,
    private readonly broker: PrivateBroker,
    private readonly plant: ChildProcess,
    private readonly fleet: Fleet,
  ) {}

  static async start(options: FleetRunsOptions): Promise<FleetRuns> {
    const { devices, delayMs } = options;
    const plant = fork(require.resolve('./fleet-plant-process'), [String(devices), String(delayMs)]);
    const ports = (await answerOf(plant)) as number[];
    const broker = await PrivateBroker.start();
    const runs = new FleetRuns(options, broker, plant, fleetAt(broker.url));
    const rows = idsOf(devices).map((id, index) => `${id},127.0.0.1,${ports[index]},persistent,framed`);
    writeFileSync(runs.inventory, `${['device_id,host,port,connection,reply', ...rows].join('\n')}\n`);
    return runs;
  }

  /** Each device has a command under way all the time, so that commands wait in every partition. */
  async run({ forMs, ...given }: FleetRun): Promise<FleetFigures> {
    await setUp(this.broker.url, given.partitions);
    const running = await this.startWorkers(given);
    await this.switchFor(WARM_UP_MS);
    const commandsBefore = await commandsOf(running);
    const workersBefore = cpuOf(running);
    const brokerBefore = cpuMsOfGroup(this.broker.pid);
    const figures = await this.switchFor(forMs);
    const brokerMsPerCommand = (cpuMsOfGroup(this.broker.pid) - brokerBefore) / figures.toggles;
    const workerMsPerCommand = (cpuOf(running) - workersBefore) / figures.toggles;
    const commandsAfter = await commandsOf(running);
    const commandsByWorker = commandsAfter.map((count, index) => count - (commandsBefore[index] ?? 0));
    for (const { command } of running) command.child.kill('SIGTERM');
    await Promise.all(running.map(({ command }) => command.ended));
    if (figures.failed > 0) throw new Error(`${figures.failed} commands were not confirmed`);
    return { ...figures, workerMsPerCommand, brokerMsPerCommand, commandsByWorker };
  }

  async close(): Promise<void> {
    await this.fleet.close();
    await this.broker.remove();
    await ended(this.plant);
    rmSync(this.folder, { recursive: true });
  }

  private get inventory(): string {
    return join(this.folder, 'plant.csv');
  }

  /** Resolves when each consumes its own partitions. */
  private async startWorkers({
    workers,
    partitions,
    prefetch,
  }: Omit<FleetRun, 'forMs'>): Promise<readonly RunningWorker[]> {
    const given = { inventory: this.inventory, workers, partitions, prefetch, 'log-level': 'ERROR', ...PATIENT };
    const common = Object.entries(given).flatMap(([name, value]) => [`--${name}`, value]);
    const running: RunningWorker[] = [];
    for (let index = 0; index < workers; index += 1) {
      const metricsPort = await refusedPort();
      const args = ['--amqp-url', '${BENCH_AMQP_URL}', '--index', index, '--metrics-port', metricsPort, ...common];
      const command = start('phase0-worker', args, { env: { BENCH_AMQP_URL: this.broker.url } });
      running.push({ command, metricsPort });
    }
    for (const worker of running) await ready(worker);
    return running;
  }

  private switchFor(forMs: number): Promise<Figures> {
    const confirmed = async (deviceId: string, state: boolean) =>
      (await this.fleet.toggle({ deviceId, state })).outcome === 'confirmed';
    return runClosedLoop(confirmed, idsOf(this.options.devices), forMs);
  }
}

function cpuOf(workers: readonly RunningWorker[]): number {
  return workers.reduce((sum, { command }) => sum + cpuMsOf(command.child.pid ?? 0), 0);
}

async function ready({ command, metricsPort }: RunningWorker): Promise<void> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${metricsPort}/readyz`).catch(() => undefined);
    if (answer?.ok === true) return;
    if (command.child.exitCode !== null) throw new Error((await command.ended).stderr);
    await sleep(READY_POLL_MS);
  }
}

function commandsOf(workers: readonly RunningWorker[]): Promise<readonly number[]> {
  return Promise.all(
    workers.map(async ({ metricsPort }) => {
      const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
      const counts = [...text.matchAll(/^tcp_comm_fleet_commands_total(?:\{.*\})? (\d+)$/gm)];
      return counts.reduce((sum, [, count]) => sum + Number(count), 0);
    }),
  );
}
