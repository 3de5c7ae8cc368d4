/** Fuzzing of what users and flows bring: settings, messages, commands, members of groups, and files of inventories. */
import assert from 'node:assert/strict';
import { readState } from '../../nodes/requested-state';
import { verdictOutputs } from '../../nodes/phase0-toggle/message';
import { membersOf } from '../../src/inventory/members';
import { MAX_ROWS } from '../../src/inventory/check-rows';
import { COLUMN_NAMES, columnOf, inventoryFields, type InventoryDevice } from '../../src/inventory/columns';
import { writeInventoryCsv } from '../../src/inventory/csv';
import { faultText } from '../../src/inventory/faults';
import { readInventoryBytes } from '../../src/inventory/read-bytes';
import { readCommand } from '../../src/device/toggle-command';
import { deviceFields } from '../../src/settings/device';
import { parseSettings, type Fields } from '../../src/settings/field';
import { simulatorFields } from '../../src/settings/simulator';
import { droppedVerdict } from '../../src/verdict';
import type { Draw } from '../simulation/draw';
import { damaged, hostile, json, text, value } from './shapes';
import { checkSaid, type Target } from './target';

const FIELD_SETS: readonly [Fields, ...Fields[]] = [deviceFields, simulatorFields, inventoryFields];
const parsedDefaults = parseSettings(inventoryFields, {});
if (!parsedDefaults.ok) throw new Error('an inventory has defaults');
const DEFAULTS = parsedDefaults.settings;
const SOURCE = { id: 'n', type: 'phase0-toggle', name: '' };

export const settings: Target = {
  name: 'settings',
  share: 90,
  run(draw) {
    const fields = draw.pick(FIELD_SETS);
    const raw: Record<string, unknown> = { deviceId: 'lamp', host: '10.0.0.1' };
    for (const name of Object.keys(fields)) if (draw.chance(0.3)) raw[name] = value(draw);
    const parsed = parseSettings(fields, raw);
    if (parsed.ok) assert.deepEqual(parseSettings(fields, parsed.settings), parsed);
    else for (const problem of parsed.problems) checkSaid(problem);
  },
};

export const messages: Target = {
  name: 'messages',
  share: 110,
  run(draw) {
    const state = value(draw);
    assert.ok([true, false, 'flip', undefined].includes(readState(state)));
    const raw = { state, deviceId: value(draw), msgId: value(draw), requester: value(draw) };
    const command = draw.chance(0.1)
      ? hostile(draw)
      : Object.fromEntries(Object.entries(raw).filter(() => draw.chance(0.7)));
    const read = readCommand(command as never, { deviceId: 'own', newMsgId: undefined });
    if (read.valid) {
      assert.ok(read.deviceId.length > 0 && read.deviceId.length <= 128);
      assert.match(read.msgId, /^[\x20-\x7e]{1,64}$/);
    } else {
      checkSaid(read.error);
      const verdict = droppedVerdict(read);
      const outputs = verdictOutputs(raw, verdict, () => read.error, SOURCE);
      assert.equal(outputs[1]?.phase0, verdict);
    }
    const members = membersOf(draw.chance(0.5) ? text(draw) : [text(draw), draw.whole(0, 9), text(draw)]);
    if (!members.ok) return checkSaid(members.error);
    assert.equal(new Set(members.deviceIds).size, members.deviceIds.length);
  },
};

export const inventories: Target = {
  name: 'inventories',
  share: 25,
  run(draw) {
    const name = draw.chance(0.6) ? 'rows.csv' : 'rows.json';
    const bytes = damaged(draw, Buffer.from(name === 'rows.csv' ? csv(draw) : jsonRows(draw)), 0.4);
    const reading = readInventoryBytes(bytes, name, DEFAULTS);
    if (!reading.ok) {
      assert.ok(
        reading.faults.length > 0 && reading.faults.length <= 20 && reading.faultCount >= reading.faults.length,
      );
      for (const fault of reading.faults) checkSaid(faultText(fault));
      return;
    }
    const { devices } = reading;
    assert.ok(devices.length > 0 && devices.length <= MAX_ROWS);
    assert.equal(new Set(devices.map((device) => device.settings.deviceId)).size, devices.length);
    // What was read can be written, and is read as the same, unless no file in UTF-8 can hold it.
    if (/\\u0000|\\ud[89a-f]/.test(JSON.stringify(devices))) return;
    const again = readInventoryBytes(Buffer.from(writeInventoryCsv(devices.map(rowOf))), 'rows.csv', DEFAULTS);
    assert.deepEqual(again, reading);
  },
};

function rowOf({ settings: { deviceId, ...rest }, tls, tags }: InventoryDevice): Record<string, unknown> {
  return { device_id: deviceId, ...rest, tls: tls ? 'on' : 'off', tags: tags.join(' ') };
}

function cell(draw: Draw, column: string): unknown {
  if (draw.chance(0.15)) return text(draw);
  if (column === 'device_id') return `lamp-${draw.whole(1, 20)}`;
  if (column === 'host') return `10.0.0.${draw.whole(1, 9)}`;
  if (column === 'tags') return draw.pick(['', 'hall', 'hall kitchen', "'=x"]);
  return draw.chance(0.5) ? '' : columnOf(column)?.default;
}

function header(draw: Draw): string[] {
  const optional = COLUMN_NAMES.slice(2).filter(() => draw.chance(0.2));
  const names = ['device_id', 'host', ...optional];
  return draw.chance(0.05) ? [...names, text(draw)] : names;
}

function csv(draw: Draw): string {
  const names = header(draw);
  const delimiter = draw.pick([',', ';', '\t']);
  const quoted = (each: unknown) => (draw.chance(0.2) ? `"${String(each).replaceAll('"', '""')}"` : String(each));
  const rows = Array.from({ length: draw.whole(0, 5) }, () => names.map((name) => quoted(cell(draw, name))));
  return [names, ...rows].map((cells) => cells.join(delimiter)).join(draw.pick(['\n', '\r\n', '\r']));
}

function jsonRows(draw: Draw): string {
  if (draw.chance(0.1)) return json(draw);
  const names = header(draw);
  const rows = Array.from({ length: draw.whole(0, 5) }, () =>
    Object.fromEntries(names.map((name) => [name, cell(draw, name)])),
  );
  return JSON.stringify(rows);
}
