/** An inventory of 1,000 rows against 1,000 devices at ports of their own: a reload touches only what has changed. */
import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeInventoryCsv } from '../../src/inventory/csv';
import { GroupRun, type GroupVerdict } from '../../src/inventory/group';
import { Inventory, type InventoryChange } from '../../src/inventory/inventory';
import { InventoryFile } from '../../src/inventory/inventory-file';
import { membersOf } from '../../src/inventory/members';
import type { Verdict } from '../../src/verdict';
import { INVENTORY_DEFAULTS } from '../support/inventories';
import { startPlant, type Plant, type PlantRow } from '../support/plant';

const ROWS = 1000;
/** Handshakes of 1,000 connections on a busy machine take their time. */
const DEFAULTS = { ...INVENTORY_DEFAULTS, connectTimeoutMs: 30_000, ioTimeoutMs: 30_000 };
const MAX_RELOAD_MS = 200;

const summary = ({ outcome, reason }: Verdict) => (reason ? `${outcome}/${reason}` : outcome);
const counts = ({ outcome, total, confirmed, dropped }: GroupVerdict) => [outcome, total, confirmed, dropped];

describe('an inventory of 1,000 rows', function () {
  this.timeout(120_000);
  let plant: Plant;
  let folder: string;
  let path: string;
  let inventory: Inventory;
  let file: InventoryFile;
  const changes = new EventEmitter();
  /** How long each reload held the process. */
  let reloadMs = 0;

  /** Replaces the file, as editors do; resolves with what the inventory made of it. */
  async function save(rows: readonly PlantRow[]): Promise<InventoryChange> {
    const changed = once(changes, 'change');
    await writeFile(`${path}.new`, writeInventoryCsv(rows));
    await rename(`${path}.new`, path);
    return ((await changed) as [InventoryChange])[0];
  }

  const switchAll = (state: boolean) => {
    const members = membersOf('all', inventory);
    assert.ok(members.ok);
    return new GroupRun(
      inventory,
      members.deviceIds.map((deviceId) => ({ deviceId, state })),
    ).verdict;
  };
  const connections = () => plant.simulators.map(({ connectionCount }) => connectionCount);
  const open = () => plant.simulators.map(({ openConnections }) => openConnections);

  before(async () => {
    plant = await startPlant(ROWS + 1);
    folder = await mkdtemp(join(tmpdir(), 'phase0-inventory-'));
    path = join(folder, 'devices.csv');
  });
  beforeEach(async () => {
    inventory = new Inventory();
    await writeFile(path, writeInventoryCsv(plant.rows.slice(0, ROWS)));
    const first = once(changes, 'change');
    file = new InventoryFile(path, {
      defaults: DEFAULTS,
      onReading: (reading) => {
        const startedAt = performance.now();
        const change = inventory.load(reading);
        reloadMs = performance.now() - startedAt;
        changes.emit('change', change);
      },
    });
    await first;
  });
  afterEach(() => {
    file.close();
    inventory.close();
  });
  after(async () => {
    await plant.close();
    await rm(folder, { recursive: true });
  });

  it('one row is changed in the file: 999 keep their sockets, as the devices see it, and one moves', async () => {
    assert.deepEqual(counts(await switchAll(true)), ['all', ROWS, ROWS, 0]);
    const before = connections();
    const [spare] = plant.rows.slice(ROWS);
    const rows = plant.rows
      .slice(0, ROWS)
      .map((row, index) => (index === 500 ? { ...row, port: spare?.port ?? 0 } : row));
    const { added, changed, removed, unchanged } = await save(rows);
    assert.deepEqual([added, changed, removed, unchanged], [[], ['lamp-0501'], [], ROWS - 1]);
    assert.ok(reloadMs < MAX_RELOAD_MS, `${reloadMs} ms`);
    assert.deepEqual(counts(await switchAll(false)), ['all', ROWS, ROWS, 0]);
    const expected = before.map((count, index) => (index === ROWS ? count + 1 : count));
    assert.deepEqual(connections(), expected);
    assert.deepEqual(
      open(),
      expected.map((_each, index) => (index === 500 ? 0 : 1)),
    );
    assert.equal(plant.simulators[ROWS]?.states.get('lamp-0501'), false);
  });

  it('what waits for a row that moves is not lost, and goes to its new address in order', async () => {
    const [old, spare] = [plant.simulators[0], plant.simulators[ROWS]];
    assert.ok(old && spare);
    const received = old.receivedPackets.length;
    await old.setMode('timeout');
    const states = [true, false, true, false, true];
    const running = inventory.toggle({ deviceId: 'lamp-0001', state: true });
    const waiting = states.map((state) => inventory.toggle({ deviceId: 'lamp-0001', state }));
    if (old.receivedPackets.length === received) await once(old, 'packet');
    const spareReceived = spare.receivedPackets.length;
    const [first, ...rest] = plant.rows.slice(0, ROWS);
    assert.deepEqual((await save([{ ...first, ioTimeoutMs: 500, port: spare.port } as PlantRow, ...rest])).changed, [
      'lamp-0001',
    ]);
    // The reply that the running toggle waits for comes from the old address.
    const packet = old.receivedPackets.at(-1)?.payload;
    assert.equal(packet?.state, true);
    await old.setMode('reject');
    assert.equal(summary(await running), 'unknown/connection_closed');
    await old.setMode('success');
    assert.deepEqual(
      (await Promise.all(waiting)).map(summary),
      states.map(() => 'confirmed'),
    );
    const sent = spare.receivedPackets.slice(spareReceived).map(({ payload }) => payload.state);
    assert.deepEqual(sent, states);
  });

  it('a row is removed while its toggle runs and five wait: six verdicts', async () => {
    const device = plant.simulators[1];
    assert.ok(device);
    await device.setMode('timeout');
    const packet = once(device, 'packet');
    const toggles = Array.from({ length: 6 }, () => inventory.toggle({ deviceId: 'lamp-0002', state: true }));
    await packet;
    const rows = plant.rows.slice(0, ROWS).filter(({ device_id }) => device_id !== 'lamp-0002');
    assert.deepEqual((await save(rows)).removed, ['lamp-0002']);
    const verdicts = (await Promise.all(toggles)).map(summary);
    assert.deepEqual(verdicts, [
      'unknown/device_removed',
      ...Array.from({ length: 5 }, () => 'dropped/device_removed'),
    ]);
    assert.equal(summary(await inventory.toggle({ deviceId: 'lamp-0002', state: true })), 'dropped/unknown_device');
    await device.setMode('success');
  });

  it('the file is deleted, spoilt and put back: nothing that runs is touched', async () => {
    assert.deepEqual(counts(await switchAll(true)), ['all', ROWS, ROWS, 0]);
    const before = connections();
    const faulty = once(changes, 'change');
    await rm(path);
    assert.deepEqual(await faulty, [undefined]);
    const spoilt = once(changes, 'change');
    await writeFile(path, 'device_id,host,port\nlamp-0001,127.0.0.1,70000\n');
    assert.deepEqual(await spoilt, [undefined]);
    assert.deepEqual(counts(await switchAll(false)), ['all', ROWS, ROWS, 0]);
    assert.equal((await save(plant.rows.slice(0, ROWS))).unchanged, ROWS);
    assert.deepEqual(connections(), before);
  });
});
