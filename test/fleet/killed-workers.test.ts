/** Workers that are killed under load: every command has its verdict, and every device its order. */
import assert from 'node:assert/strict';
import type { Command } from '../support/command';
import { FleetLoad } from '../support/fleet-load';
import { startFleetPlant, type FleetPlant } from '../support/fleet-plant';
import { fleetAt, killed, startWorker, useBroker } from '../support/fleet-scene';
import { PartitionWatch } from '../support/partition-watch';
import { Refusals } from '../support/refusals';
import { requires } from '../support/requirements';
import { seededRandom } from '../../src/simulator/seeded-random';

const COMMANDS = Number(process.env.PHASE0_FLEET_COMMANDS ?? 30_000);
const SEED = Number(process.env.PHASE0_FLEET_SEED ?? 1);
const DEVICES = 300;
const WORKERS = 3;
const KILL_EVERY_MS = 5000;

describe('workers that are killed', function () {
  requires('rabbitmq');
  this.timeout(600_000);
  const broker = useBroker();
  const random = seededRandom(SEED);
  let plant: FleetPlant;
  afterEach(() => plant.close());

  /** Kills one at random every 5 s and starts it again, until `load` is done. */
  async function withKills(
    more: readonly (string | number)[] | undefined,
    load: () => Promise<unknown>,
  ): Promise<number> {
    const startOne = (index: number): Command =>
      startWorker({ url: broker().url, inventory: plant.file, index, workers: WORKERS, ...(more && { more }) });
    const workers = Array.from({ length: WORKERS }, (_, index) => startOne(index));
    const watch = await PartitionWatch.start(broker().url);
    await watch.allConsumed();
    let kills = 0;
    let killing = Promise.resolve();
    const timer = setInterval(() => {
      killing = killing.then(async () => {
        const index = Math.floor(random() * WORKERS);
        await killed(workers[index] as Command);
        kills += 1;
        workers[index] = startOne(index);
      });
    }, KILL_EVERY_MS);
    await load();
    clearInterval(timer);
    await killing;
    await watch.close();
    return kills;
  }

  it(`every 5 s: ${COMMANDS} commands to ${DEVICES} devices, seed ${SEED}`, async () => {
    plant = await startFleetPlant(DEVICES);
    const fleet = fleetAt(broker().url);
    const load = new FleetLoad(fleet, plant);
    const kills = await withKills(undefined, async () => {
      const { perSecond } = await load.run({ commands: COMMANDS });
      console.log(`        ${Math.round(perSecond)} commands per second`);
    });
    await fleet.close();
    assert.deepEqual(load.outcomes, { confirmed: COMMANDS });
    assert.ok(kills > 0, 'no worker was killed');
    load.assertOrder();
    load.assertLastStates();
  });

  it('every 5 s, with a plant that loses one reply in ten and devices that refuse for seconds', async () => {
    plant = await startFleetPlant(DEVICES, { losesReply: () => random() < 0.1 });
    const fleet = fleetAt(broker().url);
    const load = new FleetLoad(fleet, plant);
    const refusals = new Refusals(plant, random);
    refusals.start();
    // Short deadlines: a reply that is lost costs its whole wait.
    const impatient = ['--io-timeout-ms', 1000, '--max-attempts', 3, '--backoff-base-ms', 50, '--jitter-ms', 50];
    const kills = await withKills(impatient, async () => {
      await load.run({ commands: Math.ceil(COMMANDS / 5) });
      await refusals.end();
      // What each device is asked for at the end must be what it is in.
      await load.run({ commands: DEVICES, perDevice: 1 });
    });
    await fleet.close();
    console.log(`        ${JSON.stringify(load.outcomes)}, ${kills} kills`);
    assert.ok(kills > 0, 'no worker was killed');
    load.assertOrder();
    load.assertLastStates();
    for (const [msgId, { outcome }] of load.verdicts) assert.notEqual(outcome, 'dropped', msgId);
  });
});
