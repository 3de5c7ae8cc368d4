/** The rows of the inventory dialog while they are edited. */
import assert from 'node:assert/strict';
import { TableModel } from '../../nodes/phase0-inventory/editor/table-model';
import { readInventoryCsv, writeInventoryCsv } from '../../src/inventory/csv';
import { faultLines } from '../../src/inventory/faults';
import { INVENTORY_DEFAULTS } from '../support/inventories';

const bytesOf = (text: string) => new TextEncoder().encode(text);
const lamp = (id: string, host = 'h') => ({ device_id: id, host });

describe('inventory table', () => {
  it('shows saved rows as text, and saves them without empty cells and rows', () => {
    const model = new TableModel([{ device_id: 'a', host: 'h', port: 9001, tags: '', reply: null }, {}, null]);
    assert.equal(model.cell(0, 'port'), '9001');
    assert.deepEqual(model.saved(), [{ device_id: 'a', host: 'h', port: '9001' }]);
    assert.deepEqual(new TableModel(undefined).saved(), []);
  });

  it('has the usual columns, those that are used, and last the unknown ones', () => {
    const model = new TableModel([{ ...lamp('a'), reply: 'framed', prot: '1' }]);
    assert.deepEqual(model.columns(), ['device_id', 'host', 'port', 'tls', 'tags', 'reply', 'prot']);
  });

  it('shows empty cells in columns that are called as what every object has', () => {
    const model = new TableModel([{ ...lamp('a'), constructor: 'x', ...JSON.parse('{"__proto__":"y"}') }, lamp('b')]);
    assert.deepEqual(model.columns().slice(-2), ['constructor', '__proto__']);
    assert.deepEqual(
      [0, 1].map((row) => [model.cell(row, 'constructor'), model.cell(row, '__proto__')]),
      [
        ['x', 'y'],
        ['', ''],
      ],
    );
  });

  it('takes cells, also empty ones, and adds and removes rows', () => {
    const model = new TableModel([lamp('a'), lamp('b')]);
    model.set(0, 'port', '9001');
    model.set(1, 'host', '');
    model.set(7, 'host', 'x');
    model.add();
    model.remove(0);
    assert.deepEqual(model.rows, [{ device_id: 'b' }, {}]);
  });

  it('finds rows by any cell', () => {
    const model = new TableModel([{ ...lamp('lamp-1'), tags: 'Hall' }, lamp('lamp-2', 'hall.local'), lamp('fan')]);
    assert.deepEqual(model.found(), [0, 1, 2]);
    model.filter = ' HALL ';
    assert.deepEqual(model.found(), [0, 1]);
  });

  for (const [name, text] of [
    ['a spreadsheet', 'host\tdevice_id\tport\r\n10.0.0.1\tb\t\r\n10.0.0.2\tc\t9001\r\n'],
    ['a CSV file', 'host;device_id;port\n10.0.0.1;b;\n10.0.0.2;c;9001'],
  ] as const) {
    it(`with a header, cells of ${name} become new rows`, () => {
      const model = new TableModel([lamp('a'), {}]);
      model.paste(text, 0, 'device_id');
      const added = [lamp('b', '10.0.0.1'), { ...lamp('c', '10.0.0.2'), port: '9001' }];
      assert.deepEqual(model.rows, [lamp('a'), ...added]);
    });
  }

  it('without a header, cells go where they are pasted, and rows are added', () => {
    const model = new TableModel([lamp('a'), lamp('b')]);
    model.paste('x\t1\ny\t2\nz\t3\n', 1, 'host');
    assert.deepEqual(model.rows, [
      lamp('a'),
      { ...lamp('b', 'x'), port: '1' },
      { host: 'y', port: '2' },
      { host: 'z', port: '3' },
    ]);
  });

  it('under a filter, cells go into the rows that are shown, and then into new ones', () => {
    const model = new TableModel([lamp('hall-1'), lamp('attic'), lamp('hall-2')]);
    model.filter = 'hall';
    model.paste('x\ny\nz\n', 0, 'host');
    assert.deepEqual(model.rows, [lamp('hall-1', 'x'), lamp('attic'), lamp('hall-2', 'y'), { host: 'z' }]);
  });

  it('a list without a header is one column, and its apostrophes are those that the export puts there', () => {
    const model = new TableModel([lamp('a'), lamp('b')]);
    assert.deepEqual(model.paste("'@x\n'y", 0, 'device_id'), []);
    assert.deepEqual(model.rows, [lamp('@x'), lamp("'y")]);
  });

  it('what is exported is imported as it was, also where a spreadsheet would see a formula', () => {
    const rows = ['=a', '+b', '-c', '@d', "'@e", "'f", 'g'].map((id) => ({
      ...lamp(id),
      tags: id,
    }));
    const csv = writeInventoryCsv(new TableModel(rows).saved());
    const model = new TableModel([lamp('before')]);
    assert.deepEqual(model.import(bytesOf(`\uFEFF${csv}`)), []);
    assert.deepEqual(model.rows, rows);
    assert.equal(writeInventoryCsv(model.saved()), csv);
    const pasted = new TableModel([]);
    assert.deepEqual(pasted.paste(csv, 0, 'device_id'), []);
    assert.deepEqual(pasted.rows, rows);
  });

  for (const [name, text] of [
    ['a delimiter at its end', 'host;device_id;\n10.0.0.1;b;\n10.0.0.2;c;\n'],
    ['blank rows before it', '\n;;\nhost;device_id\n10.0.0.1;b\n10.0.0.2;c\n'],
  ] as const) {
    it(`a header with ${name} is one`, () => {
      const rows = [lamp('b', '10.0.0.1'), lamp('c', '10.0.0.2')];
      const pasted = new TableModel([lamp('a')]);
      assert.deepEqual(pasted.paste(text, 0, 'device_id'), []);
      assert.deepEqual(pasted.rows, [lamp('a'), ...rows]);
      const imported = new TableModel([lamp('a')]);
      assert.deepEqual(imported.import(bytesOf(text)), []);
      assert.deepEqual(imported.rows, rows);
    });
  }

  for (const [name, text] of [
    ['a column that is not known', 'host;device_id;colour\nh;a;red'],
    ['a column twice', 'device_id;host;host\na;h;h'],
    ['a column missing', 'device_id;port\na;1'],
    ['more cells than columns', 'device_id;host\na;h;9000'],
    ['a quote in the wrong place', 'device_id;host\n"a"b;h'],
  ] as const) {
    it(`${name}: nothing is taken, and the words are the runtime's`, () => {
      const reading = readInventoryCsv(text, INVENTORY_DEFAULTS);
      assert.ok(!reading.ok);
      const model = new TableModel([lamp('a'), {}]);
      assert.deepEqual(model.paste(text, 1, 'host'), faultLines(reading));
      assert.deepEqual(model.import(bytesOf(text)), faultLines(reading));
      assert.deepEqual(model.rows, [lamp('a'), {}]);
    });
  }

  it('a file without a header, or not in UTF-8, is not imported', () => {
    const model = new TableModel([lamp('a')]);
    assert.match(model.import(bytesOf('b;10.0.0.1'))[0] ?? '', /^row 1: there must be a header row with the columns/);
    const latin1 = Uint8Array.of(...bytesOf('device_id;host\nh'), 0xfc, ...bytesOf('gel;h'));
    assert.match(model.import(latin1)[0] ?? '', /^row 2: the file is not text in UTF-8/);
    assert.deepEqual(model.rows, [lamp('a')]);
  });

  it('knows the fault of each cell, in the words of the runtime, whatever rows are left out', () => {
    const model = new TableModel([{}, lamp('a'), {}, { ...lamp('a'), port: '70000' }]);
    const faults = model.faults(INVENTORY_DEFAULTS);
    assert.match(faults.at(3, 'port') ?? '', /^port must be a whole number from 1 to 65535, not "70000"$/);
    assert.match(faults.at(3, 'device_id') ?? '', /must be unique, and row 1 has "a" as well/);
    assert.equal(faults.at(1, 'device_id'), undefined);
    assert.equal(faults.lines.length, 2);
    model.set(3, 'port', '1');
    model.set(3, 'device_id', 'b');
    assert.deepEqual(model.faults(INVENTORY_DEFAULTS).lines, []);
    assert.equal(model.faults(INVENTORY_DEFAULTS).at(3, 'port'), undefined);
  });
});
