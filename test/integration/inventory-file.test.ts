/** The watch of an inventory file: rewritten, replaced, deleted and changed while it is read. */
import assert from 'node:assert/strict';
import { once, EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InventoryReading } from '../../src/inventory/faults';
import { InventoryFile, readInventoryFile } from '../../src/inventory/inventory-file';
import { INVENTORY_DEFAULTS as DEFAULTS } from '../support/inventories';

const csv = (...ids: readonly string[]) => `device_id,host\n${ids.map((id) => `${id},10.0.0.1\n`).join('')}`;
const short = (reading: InventoryReading | undefined) =>
  reading?.ok
    ? reading.devices.map(({ settings }) => settings.deviceId).join(' ')
    : (reading?.faults[0]?.problem ?? '');

describe('inventory file', () => {
  let folder = '';
  let path = '';
  let file: InventoryFile | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'phase0-inventory-'));
    path = join(folder, 'devices.csv');
  });
  afterEach(async () => {
    file?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Watches the file; `next` resolves with the next reading that has not been taken yet. */
  function watch(at = path) {
    const events = new EventEmitter();
    const readings: InventoryReading[] = [];
    file = new InventoryFile(at, {
      defaults: DEFAULTS,
      onReading: (reading) => {
        readings.push(reading);
        events.emit('reading');
      },
    });
    const next = async (): Promise<string> => {
      while (readings.length === 0) await once(events, 'reading');
      return short(readings.shift());
    };
    return { file, next, readings };
  }

  it('is read at once, and again when it is rewritten, replaced, deleted and put back', async () => {
    await writeFile(path, csv('a'));
    const { next } = watch();
    assert.equal(await next(), 'a');
    await writeFile(path, csv('a', 'b'));
    assert.equal(await next(), 'a b');
    await writeFile(join(folder, 'new'), csv('c'));
    await rename(join(folder, 'new'), path);
    assert.equal(await next(), 'c');
    await rm(path);
    assert.match(await next(), /ENOENT/);
    await writeFile(path, csv('d'));
    assert.equal(await next(), 'd');
  });

  it('may appear later', async () => {
    const { next } = watch();
    assert.match(await next(), /ENOENT/);
    await writeFile(path, csv('a'));
    assert.equal(await next(), 'a');
  });

  it('is found behind links that are switched, as in a mounted volume', async () => {
    for (const version of ['one', 'two']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'devices.csv'), csv(version));
    }
    await symlink('one', join(folder, 'current'));
    const { next } = watch(join(folder, 'current', 'devices.csv'));
    assert.equal(await next(), 'one');
    await symlink('two', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    assert.equal(await next(), 'two');
  });

  it('is not read while it is being written', async () => {
    await writeFile(path, csv('a'));
    const { next, readings } = watch();
    assert.equal(await next(), 'a');
    for (let part = 1; part <= 5; part += 1) {
      await writeFile(path, csv(...Array.from({ length: part }, (_, n) => `b${n}`)));
      await new Promise((resolve) => setTimeout(resolve, 150));
      assert.deepEqual(readings.map(short), []);
    }
    assert.equal(await next(), 'b0 b1 b2 b3 b4');
  });

  it('reload() reads it without a change, and tells each time that it is missing', async () => {
    await writeFile(path, csv('a'));
    const { file: watched, readings } = watch();
    await watched.reload();
    assert.deepEqual(readings.map(short), ['a', 'a']);
    await rm(path);
    await watched.reload();
    await watched.reload();
    assert.deepEqual(
      readings.slice(2).map(({ ok }) => ok),
      [false, false],
    );
  });

  it('a flood of reload() is two readings: the one that has begun, and one that finds what came since', async () => {
    await writeFile(path, csv('a'));
    const { file: watched, readings } = watch();
    await watched.ready;
    const first = watched.reload();
    const flood = Array.from({ length: 1000 }, () => watched.reload());
    // All of the first turn are one reading; this one has begun when the next are asked for.
    await new Promise((resolve) => setImmediate(resolve));
    flood.push(...Array.from({ length: 1000 }, () => watched.reload()));
    await Promise.all([first, ...flood]);
    assert.deepEqual(readings.map(short), ['a', 'a', 'a']);
  });

  it('is not read any more after close()', async () => {
    await writeFile(path, csv('a'));
    const { file: watched, readings } = watch();
    watched.close();
    await watched.reload();
    assert.deepEqual(readings, []);
  });

  it('goes on when its listener throws', async () => {
    await writeFile(path, csv('a'));
    const warnings: string[] = [];
    const warned = ({ message }: Error): void => void warnings.push(message);
    process.on('warning', warned);
    let count = 0;
    file = new InventoryFile(path, {
      defaults: DEFAULTS,
      onReading: () => {
        count += 1;
        throw new Error('listener');
      },
    });
    await file.reload();
    assert.equal(count, 2);
    await new Promise((resolve) => setImmediate(resolve));
    process.off('warning', warned);
    assert.deepEqual(warnings, ['listener', 'listener']);
  });

  it('can be read once', async () => {
    await writeFile(path, csv('a'));
    assert.equal(short(await readInventoryFile(path, DEFAULTS)), 'a');
    assert.match(short(await readInventoryFile(join(folder, 'none.csv'), DEFAULTS)), /cannot be read: ENOENT/);
  });
});
