/** Files that are no inventory: each fault is named by its row, and the last good inventory stays. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { faultLines, type InventoryReading } from '../../src/inventory/faults';
import { Inventory } from '../../src/inventory/inventory';
import { InventoryFile } from '../../src/inventory/inventory-file';
import { FAULTY_INVENTORIES, spoil, type FaultyInventory } from '../support/faulty-inventories';
import { useSimulator } from '../support/fixtures';
import { INVENTORY_DEFAULTS } from '../support/inventories';

const NOBODY = 65_534;

describe('faulty inventory files', () => {
  const simulator = useSimulator();
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phase0-inventory-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('are at least 60', () => assert.ok(FAULTY_INVENTORIES.length >= 60, String(FAULTY_INVENTORIES.length)));

  for (const faulty of FAULTY_INVENTORIES) {
    it(`${faulty.extension ?? 'csv'}: ${faulty.name}`, async () => {
      const path = join(folder, `devices.${faulty.extension ?? 'csv'}`);
      const { port } = simulator();
      const good = { device_id: 'lamp', host: '127.0.0.1', port };
      await writeFile(path, faulty.extension === 'json' ? JSON.stringify([good]) : csvOf(good));
      const inventory = new Inventory();
      const readings: InventoryReading[] = [];
      const onReading = (reading: InventoryReading): void => {
        readings.push(reading);
        inventory.load(reading);
      };
      const file = new InventoryFile(path, { defaults: INVENTORY_DEFAULTS, onReading });
      try {
        await file.reload();
        assert.ok(readings.at(-1)?.ok);
        await spoil(path, faulty);
        await asUserOf(faulty, () => file.reload());
        checkFaults(readings.at(-1), faulty);
        assert.deepEqual(inventory.deviceIds, ['lamp']);
        assert.equal((await inventory.toggle({ deviceId: 'lamp', state: true })).outcome, 'confirmed');
      } finally {
        file.close();
        inventory.close();
      }
    });
  }
});

function csvOf(row: object): string {
  return `${Object.keys(row).join()}\n${Object.values(row).join()}\n`;
}

function checkFaults(reading: InventoryReading | undefined, { faults, count = faults.length }: FaultyInventory): void {
  assert.ok(reading && !reading.ok, 'it was read');
  const lines = faultLines(reading);
  faults.forEach((fault, index) => assert.match(lines[index] ?? '', fault));
  assert.equal(reading.faultCount, count, lines.join('\n'));
  assert.ok(lines.length <= 21);
  if (count > 20) assert.equal(lines.at(-1), `and ${count - 20} more`);
}

/** Root may read everything. */
async function asUserOf({ asNobody }: FaultyInventory, read: () => Promise<void>): Promise<void> {
  const isRoot = asNobody === true && process.geteuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await read();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
