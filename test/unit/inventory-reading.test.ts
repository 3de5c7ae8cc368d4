/** Inventories as CSV and JSON: the forms that spreadsheets and people write. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { COLUMN_NAMES, rowOf } from '../../src/inventory/columns';
import { readInventoryCsv, writeInventoryCsv } from '../../src/inventory/csv';
import type { InventoryReading } from '../../src/inventory/faults';
import { readInventoryJson, readInventoryRows } from '../../src/inventory/json';
import { readInventoryBytes } from '../../src/inventory/read-bytes';
import { INVENTORY_DEFAULTS as DEFAULTS } from '../support/inventories';
import { processorMs } from '../support/processor-time';

/** The devices in short: id, host, port, TLS, tags. */
function short(reading: InventoryReading): string[] {
  assert.ok(reading.ok, reading.ok ? '' : JSON.stringify(reading.faults));
  return reading.devices.map(({ settings: { deviceId, host, port }, tls, tags }) =>
    [deviceId, host, port, tls ? 'tls' : 'plain', ...tags].join(' '),
  );
}

const EXPECTED = ['lamp-1 10.0.0.1 9000 plain', 'lamp-2 gateway 9001 tls hall floor-2'];

describe('the row of a device', () => {
  it('reads as the same device, and has only what differs from the defaults', () => {
    const defaults = { ...DEFAULTS, tls: true, ioTimeoutMs: 700 };
    const csv =
      'device_id,host,port,tls,tags,ioTimeoutMs,packetLog\n@a,h,9000,,hall  stairs,,\nb,h,7,off,,900,true\nc,::1,,on,,700,';
    const reading = readInventoryCsv(csv, defaults);
    assert.ok(reading.ok);
    const rows = reading.devices.map((device) => rowOf(device, defaults));
    assert.deepEqual(rows, [
      { device_id: '@a', host: 'h', tags: 'hall stairs' },
      { device_id: 'b', host: 'h', port: '7', tls: 'off', ioTimeoutMs: '900', packetLog: 'true' },
      { device_id: 'c', host: '::1' },
    ]);
    assert.deepEqual(readInventoryRows(rows, defaults), reading);
  });
});

describe('inventory as CSV', () => {
  const forms: readonly (readonly [name: string, text: string])[] = [
    ['commas', 'device_id,host,port,tls,tags\nlamp-1,10.0.0.1,,,\nlamp-2,gateway,9001,on,hall floor-2\n'],
    ['semicolons', 'device_id;host;port;tls;tags\nlamp-1;10.0.0.1;;;\nlamp-2;gateway;9001;on;hall floor-2\n'],
    ['tabs', 'device_id\thost\tport\ttls\ttags\nlamp-1\t10.0.0.1\t\t\t\nlamp-2\tgateway\t9001\ton\thall floor-2'],
    ['CRLF', 'device_id,host,port,tls,tags\r\nlamp-1,10.0.0.1,,,\r\nlamp-2,gateway,9001,on,hall floor-2\r\n'],
    [
      'line ends of two kinds',
      'device_id,host,port,tls,tags\r\n"lamp-1",10.0.0.1,,,""\nlamp-2,gateway,9001,on,"hall floor-2"\r\n',
    ],
    ['a BOM', '\uFEFFdevice_id,host,port,tls,tags\nlamp-1,10.0.0.1,,,\nlamp-2,gateway,9001,on,hall floor-2'],
    [
      'columns in another order',
      'tags,tls,port,host,device_id\n,off,9000,10.0.0.1,lamp-1\nhall floor-2,on,9001,gateway,lamp-2',
    ],
    [
      'quotes and spaces',
      ' "device_id" , host ,port,tls,tags\n"lamp-1", 10.0.0.1 ,,,\n"lamp-2","gateway","9001",on,"hall  floor-2 hall"',
    ],
    [
      'blank rows and cells around',
      '\n\ndevice_id,host,port,tls,tags,,\n,,,,,,\nlamp-1,10.0.0.1,,,,,\n\nlamp-2,gateway,9001,on,hall floor-2,\n,,\n',
    ],
  ];
  for (const [name, text] of forms) {
    it(name, () =>
      assert.deepEqual(short(readInventoryCsv(text.replace(' "device_id" ', '"device_id"'), DEFAULTS)), EXPECTED),
    );
  }

  it('counts rows as a spreadsheet does, blank ones included', () => {
    const reading = readInventoryCsv('device_id,host\n\na,10.0.0.1\n\nb,\n', DEFAULTS);
    assert.ok(!reading.ok);
    assert.deepEqual(
      reading.faults.map(({ row, column }) => [row, column]),
      [[5, 'host']],
    );
  });

  it('takes every setting of a device, and the defaults for cells that are empty', () => {
    const text =
      'device_id,host,reply,connection,ioTimeoutMs,queueMode,packetLog\na,h,framed,persistent,77,latest,true\nb,h,,,,,\n';
    const reading = readInventoryCsv(text, { ...DEFAULTS, reply: 'any', tls: true });
    assert.ok(reading.ok);
    const [a, b] = reading.devices;
    const said = { reply: 'framed', connection: 'persistent', ioTimeoutMs: 77, queueMode: 'latest', packetLog: true };
    const { tls: _, ...rest } = DEFAULTS;
    assert.deepEqual(a, { settings: { ...rest, deviceId: 'a', host: 'h', ...said }, tls: true, tags: [] });
    assert.deepEqual(b, { settings: { ...rest, deviceId: 'b', host: 'h', reply: 'any' }, tls: true, tags: [] });
  });

  it('comes back as it was written, whatever the cells hold, and no cell is a formula', () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', '"', ',', ';', '=', '+', '-', '@', "'", ' ', 'ü', '😀'),
      minLength: 1,
      maxLength: 8,
    });
    const id = cell.filter((text) => text.trim() === text && text !== '');
    fc.assert(
      fc.property(fc.uniqueArray(id, { minLength: 1, maxLength: 5 }), (ids) => {
        const text = writeInventoryCsv(ids.map((device_id) => ({ device_id, host: 'h', port: 9000 })));
        assert.deepEqual(
          short(readInventoryCsv(text, DEFAULTS)),
          ids.map((each) => `${each} h 9000 plain`),
        );
        for (const line of text.split('\r\n')) assert.doesNotMatch(line, /^"?[=+\-@]/);
      }),
    );
  });

  it('names the faults of all rows below a header with a column that is not known, or that comes twice', () => {
    const reading = readInventoryCsv('device_id,host,port,colour,port\na,,1,red,x\nb,h,70000,red,1', DEFAULTS);
    assert.ok(!reading.ok);
    assert.deepEqual(
      reading.faults.map(({ row, column }) => [row, column]),
      [
        [1, 'colour'],
        [1, 'port'],
        [2, 'host'],
        [3, 'port'],
      ],
    );
  });

  it('is written with the columns that are used, in the usual order', () => {
    const rows = [
      { tags: 'hall', host: 'h', device_id: 'a', tls: '' },
      { host: 'h', device_id: 'b', port: 9001 },
    ];
    assert.equal(writeInventoryCsv(rows), 'device_id,host,port,tags\r\na,h,,hall\r\nb,h,9001,\r\n');
    assert.equal(writeInventoryCsv([]), 'device_id,host\r\n');
  });

  it('reads any bytes without an exception, in a time that grows with their number', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        readInventoryBytes(bytes, 'x.csv', DEFAULTS);
        readInventoryBytes(bytes, 'x.json', DEFAULTS);
      }),
    );
    const tookMs = processorMs(() => {
      for (const part of ['"', '"a"b', ',', ';', '\n', '\t"', 'a,']) {
        readInventoryBytes(Buffer.from(`device_id,host\n${part.repeat(400_000)}`), 'x.csv', DEFAULTS);
      }
    });
    assert.ok(tookMs < 4000, `${tookMs} ms`);
  });
});

describe('inventory as JSON', () => {
  it('has the names of the columns', () => {
    const text =
      '[{"device_id":"lamp-1","host":"10.0.0.1"},{"device_id":"lamp-2","host":"gateway","port":9001,"tls":"on","tags":"hall floor-2"}]';
    assert.deepEqual(short(readInventoryJson(text, DEFAULTS)), EXPECTED);
    assert.deepEqual(short(readInventoryBytes(Buffer.from(`\uFEFF${text}`), 'x.JSON', DEFAULTS)), EXPECTED);
  });

  it('leaves out what is null or empty', () => {
    const row = Object.fromEntries(COLUMN_NAMES.map((name, index) => [name, index % 2 === 0 ? '' : null]));
    assert.deepEqual(short(readInventoryRows([{ ...row, device_id: 'a', host: 'h' }], DEFAULTS)), ['a h 9000 plain']);
  });

  it('has a fault for a row that cannot be read', () => {
    const hostile = {
      get host(): string {
        throw new Error('getter');
      },
    };
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    const reading = readInventoryRows([{ device_id: 'a', host: 'h' }, hostile, proxy], DEFAULTS);
    assert.ok(!reading.ok);
    assert.deepEqual(
      reading.faults.map(({ row }) => row),
      [2, 3],
    );
  });
});
