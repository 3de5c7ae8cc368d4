/** Partitions that change hands in an orderly way, and a requester that does not live to see its verdicts. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Connection } from 'rabbitmq-client';
import { partitionQueue } from '../../src/fleet/topology';
import type { Command } from '../support/command';
import { FleetLoad } from '../support/fleet-load';
import { startFleetPlant, type FleetPlant } from '../support/fleet-plant';
import { fleetAt, readVerdicts, startWorker, useBroker } from '../support/fleet-scene';
import { PARTITIONS, PartitionWatch } from '../support/partition-watch';
import { requires } from '../support/requirements';

const DEVICES = 100;
const WORKERS = 3;
/** With a margin for a busy machine. */
const JOIN_MS = 15_000;

describe('workers that come and go', function () {
  requires('rabbitmq');
  this.timeout(180_000);
  const broker = useBroker();
  let plant: FleetPlant;
  beforeEach(async () => {
    plant = await startFleetPlant(DEVICES);
  });
  afterEach(() => plant.close());

  /** The verbose line of each partition that a worker takes or leaves. */
  const startVerbose = (index: number, workers: number): Command =>
    startWorker({ url: broker().url, inventory: plant.file, index, workers, logLevel: 'INFO' });

  it('a second worker takes its homes within 15 s, under load, and none of them is without a consumer', async () => {
    const first = startVerbose(0, 2);
    const watch = await PartitionWatch.start(broker().url);
    await watch.allConsumed();
    watch.restart();
    const fleet = fleetAt(broker().url);
    const load = new FleetLoad(fleet, plant);
    let isDone = false;
    const running = load.keepBusy(() => isDone);
    const startedAt = performance.now();
    startVerbose(1, 2);
    // Six lines for its own partitions, six for those of the second one, and six when it leaves them.
    await first.line('partition', PARTITIONS + PARTITIONS / 2);
    const tookMs = performance.now() - startedAt;
    isDone = true;
    await running;
    await watch.allConsumed();
    await watch.close();
    await fleet.close();
    assert.ok(tookMs < JOIN_MS, `${tookMs} ms`);
    assert.deepEqual(
      [...watch.longestGapMs.values()].filter((gapMs) => gapMs > 10_000),
      [],
    );
    assert.deepEqual(Object.keys(load.outcomes), ['confirmed']);
    load.assertOrder();
    load.assertLastStates();
  });

  it('all of them are restarted one after the other under load, and no verdict says so', async () => {
    const startOne = (index: number) =>
      startWorker({ url: broker().url, inventory: plant.file, index, workers: WORKERS });
    const workers = Array.from({ length: WORKERS }, (_, index) => startOne(index));
    const watch = await PartitionWatch.start(broker().url);
    await watch.allConsumed();
    const fleet = fleetAt(broker().url);
    const load = new FleetLoad(fleet, plant);
    let isDone = false;
    const running = load.keepBusy(() => isDone);
    for (const [index, worker] of workers.entries()) {
      worker.child.kill('SIGTERM');
      assert.equal((await worker.ended).code, 0);
      startOne(index);
      await watch.allConsumed();
    }
    isDone = true;
    await running;
    await watch.close();
    await fleet.close();
    assert.deepEqual(Object.keys(load.outcomes), ['confirmed']);
    load.assertOrder();
    load.assertLastStates();
  });

  it('the verdicts for a requester that was killed are in the record', async () => {
    const requester = fork(require.resolve('../support/fleet-requester'), [broker().url, ...plant.ids]);
    const connection = new Connection(broker().url);
    const waiting = async () => {
      let count = 0;
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        count += (await connection.queueDeclare({ queue: partitionQueue(partition), passive: true })).messageCount;
      }
      return count;
    };
    while ((await waiting()) < DEVICES) await new Promise((resolve) => setTimeout(resolve, 50));
    requester.kill('SIGKILL');
    await once(requester, 'exit');
    startWorker({ url: broker().url, inventory: plant.file });
    const seen = new Map<string, unknown>();
    await readVerdicts(broker().url, ({ msg_id: msgId, outcome }) => {
      if (String(msgId).startsWith('orphan-')) seen.set(String(msgId), outcome);
      return seen.size === DEVICES;
    });
    assert.deepEqual(new Set(seen.values()), new Set(['confirmed']));
    for (const device of plant.devices.values()) assert.equal(device.record.length, 1);
    await connection.close();
  });
});
