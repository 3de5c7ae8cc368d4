/** A broker that stops, dies, or cannot be reached under load: everyone comes back by himself, and nothing is lost. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { CutReport } from '../support/fleet-cut-scene';
import { FleetLoad } from '../support/fleet-load';
import { startFleetPlant, type FleetPlant } from '../support/fleet-plant';
import { fleetAt, startWorker, useBroker } from '../support/fleet-scene';
import { PartitionWatch } from '../support/partition-watch';
import { requires } from '../support/requirements';

const DEVICES = 60;
const WORKERS = 3;
const BUSY_MS = 2000;
/** Longest time that a partition may be without a consumer while the broker is there. */
const GAP_MS = 10_000;
/** What lost replies and refusals end in: a device that goes away may close the connection of the last attempt. */
const OF_DEVICES = /^(confirmed|(failed|unknown)\/(connection_failed|send_failed|timeout|connection_closed))$/;

describe('a broker that goes away', function () {
  requires('rabbitmq');
  this.timeout(240_000);
  const broker = useBroker();
  let plant: FleetPlant;
  beforeEach(async () => {
    plant = await startFleetPlant(DEVICES);
  });
  afterEach(() => plant.close());

  for (const how of ['stop', 'kill'] as const) {
    it(`by ${how}, and comes back: workers and requester go on, and every command has its verdict`, async () => {
      for (let index = 0; index < WORKERS; index += 1) {
        startWorker({ url: broker().url, inventory: plant.file, index, workers: WORKERS });
      }
      const watch = await PartitionWatch.start(broker().url);
      await watch.allConsumed();
      // A toggle waits for the broker; one that the broker may have had is unknown in the end.
      const fleet = fleetAt(broker().url, { queueTtlMs: 180_000, replyTimeoutMs: 20_000 });
      const load = new FleetLoad(fleet, plant);
      let isDone = false;
      const running = load.keepBusy(() => isDone);
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      await broker()[how]();
      watch.restart();
      await broker().start();
      await watch.allConsumed();
      await new Promise((resolve) => setTimeout(resolve, BUSY_MS));
      isDone = true;
      await running;
      await load.run({ commands: DEVICES, perDevice: 1 });
      await watch.close();
      await fleet.close();
      const { confirmed = 0, 'unknown/timeout': unknown = 0, ...others } = load.outcomes;
      assert.deepEqual(others, {});
      assert.ok(confirmed > DEVICES && unknown <= DEVICES, `${confirmed} confirmed, ${unknown} unknown`);
      assert.deepEqual(
        [...watch.longestGapMs].filter(([, gapMs]) => gapMs > GAP_MS),
        [],
      );
      load.assertOrder();
      load.assertLastStates();
    });
  }
});

describe('a network between a worker and its broker', function () {
  requires('rabbitmq');
  const { unshare, options, ip, nft } = requires('netns');
  this.timeout(180_000);

  const cutAndHeal = async (health: 'well' | 'sick'): Promise<CutReport> => {
    const scene = [process.execPath, require.resolve('../support/fleet-cut-scene'), ip, nft, health];
    const bounds = { timeout: 170_000, killSignal: 'SIGKILL' } as const;
    const { stdout } = await promisify(execFile)(unshare, [...options, ...scene], bounds);
    return JSON.parse(stdout) as CutReport;
  };

  it('that is cut and heals: the other worker does the work, and nothing is lost', async () => {
    const { outcomes, disorder, longestGapMs, commands } = await cutAndHeal('well');
    assert.deepEqual(Object.keys(outcomes), ['confirmed']);
    assert.equal(disorder, '');
    assert.ok(longestGapMs < GAP_MS, `${longestGapMs} ms without a consumer`);
    assert.ok(commands.duringCut > DEVICES, `${commands.duringCut} commands during the cut`);
  });

  it('that is cut and heals, with a plant that loses one reply in ten and devices that refuse for seconds', async () => {
    const { outcomes, disorder, longestGapMs } = await cutAndHeal('sick');
    console.log(`        ${JSON.stringify(outcomes)}`);
    assert.equal(disorder, '');
    assert.ok(longestGapMs < GAP_MS, `${longestGapMs} ms without a consumer`);
    const others = Object.keys(outcomes).filter((outcome) => !OF_DEVICES.test(outcome));
    assert.deepEqual(others, []);
  });
});
