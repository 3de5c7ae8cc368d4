/** What many devices cost: time to load, memory while idle, a reload, and a group beside toggles sent singly. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { readInventoryCsv, writeInventoryCsv } from '../../src/inventory/csv';
import { GroupRun } from '../../src/inventory/group';
import { Inventory } from '../../src/inventory/inventory';
import { INVENTORY_DEFAULTS, readingOf } from '../support/inventories';
import { startPlant } from '../support/plant';

const ROWS = 5000;
const MEMBERS = 1000;
const ROUNDS = 10;

describe('inventory', function () {
  this.timeout(300_000);

  it(`${ROWS} rows: load, memory, reload`, () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const rows = Array.from({ length: ROWS }, (_, index) => ({
      device_id: `lamp-${index}`,
      host: `10.0.${index >> 8}.${index & 255}`,
      port: 9000,
      tags: `floor-${index % 12} all-lamps`,
    }));
    const text = writeInventoryCsv(rows);
    const inventory = new Inventory();
    gc();
    const heapBefore = process.memoryUsage().heapUsed;
    const loadMs = timed(() => inventory.load(readInventoryCsv(text, INVENTORY_DEFAULTS)));
    gc();
    const bytes = (process.memoryUsage().heapUsed - heapBefore) / ROWS;
    const changed = readingOf(rows.map((row, index) => (index === 7 ? { ...row, port: 9001 } : row)));
    const reloadMs = timed(() => inventory.load(changed));
    console.log(`load ${loadMs.toFixed(0)} ms, ${bytes.toFixed(0)} bytes of heap per idle row`);
    console.log(`reload with one changed row ${reloadMs.toFixed(1)} ms`);
    inventory.close();
  });

  it(`a group of ${MEMBERS} beside ${MEMBERS} toggles sent singly, on loopback`, async () => {
    const plant = await startPlant(MEMBERS);
    const inventory = new Inventory();
    inventory.load(readingOf(plant.rows, { connectTimeoutMs: 30_000, ioTimeoutMs: 30_000 }));
    const members = inventory.deviceIds.map((deviceId) => ({ deviceId, state: true }));
    const asGroup = () => new GroupRun(inventory, members).verdict;
    const singly = () => Promise.all(members.map((member) => inventory.toggle(member)));
    await asGroup();
    const times: Record<'group' | 'singly', number[]> = { group: [], singly: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [which, run] of Object.entries({ group: asGroup, singly })) {
        const startedAt = performance.now();
        await run();
        times[which as keyof typeof times].push(performance.now() - startedAt);
      }
    }
    const median = (values: number[]) => values.toSorted((a, b) => a - b)[ROUNDS / 2] ?? NaN;
    const [group, single] = [median(times.group), median(times.singly)];
    console.log(`group ${group.toFixed(0)} ms, singly ${single.toFixed(0)} ms: ${(group / single).toFixed(2)} times`);
    inventory.close();
    await plant.close();
  });
});

function timed(run: () => void): number {
  const startedAt = performance.now();
  run();
  return performance.now() - startedAt;
}
