/** The simulated devices of an inventory, while its rows change. */
import assert from 'node:assert/strict';
import { SimulatedPlant } from '../../nodes/phase0-simulator/simulated-plant';
import { Inventory } from '../../src/inventory/inventory';
import { readInventoryRows } from '../../src/inventory/json';
import { INVENTORY_DEFAULTS } from '../support/inventories';
import { refusedPort } from '../support/loopback';

const EVENTS = { packet: () => undefined, malformed: () => undefined, error: () => undefined };

describe('simulated devices of an inventory', () => {
  const inventory = new Inventory();
  const plant = new SimulatedPlant({
    rows: () => inventory.devices(),
    options: {},
    events: EVENTS,
    changed: () => undefined,
  });
  after(async () => {
    inventory.close();
    await plant.close();
  });

  it('reply as the rows expect it after each reading, and keep what they know', async () => {
    const port = await refusedPort();
    const read = (reply: string) => {
      const row = { device_id: 'lamp-1', host: '127.0.0.1', port, reply };
      inventory.load(readInventoryRows([row], { ...INVENTORY_DEFAULTS, maxAttempts: 1 }));
    };
    const received: (string | undefined)[] = [];
    for (const reply of ['auto', 'framed', 'auto']) {
      read(reply);
      await plant.update();
      const verdict = await inventory.toggle({ deviceId: 'lamp-1', state: true });
      assert.equal(verdict.outcome, 'confirmed', `${reply}: ${verdict.cause}`);
      received.push(verdict.received?.slice(0, 4));
    }
    assert.deepEqual(received, ['4143', 'f00d', '4143']);
  });
});
