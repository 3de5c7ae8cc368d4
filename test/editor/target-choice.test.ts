/** What a toggle or group switches by, in its dialog: the ids that fit it, and what older and hand-made flows mean. */
import assert from 'node:assert/strict';
import { inEachEditor } from '../support/editor-scene';

const TAB = 'f100000000000060';
const DEVICE = 'd100000000000060';
const INVENTORY = 'd100000000000061';
const TOGGLE = 'a100000000000060';
const WRONG_TOGGLE = 'a100000000000061';
const TOPIC_TOGGLE = 'a100000000000062';
const GROUP = 'a100000000000063';

inEachEditor('the choice of a target', (scene) => {
  const page = () => scene().opened.page;
  const onCanvas = { z: TAB, x: 300, wires: [[], [], []], settingsVersion: 1 };
  before(() =>
    scene().show([
      { id: TAB, type: 'tab', label: 'plant' },
      { id: DEVICE, type: 'phase0-device', deviceId: 'lamp-1', host: '127.0.0.1', port: '1', settingsVersion: 2 },
      {
        id: INVENTORY,
        type: 'phase0-inventory',
        source: 'table',
        devices: [{ device_id: 'lamp-1', host: '127.0.0.1' }],
        settingsVersion: 1,
      },
      { id: TOGGLE, type: 'phase0-toggle', y: 60, device: DEVICE, inventory: INVENTORY, target: 'device', ...onCanvas },
      {
        id: WRONG_TOGGLE,
        type: 'phase0-toggle',
        y: 120,
        inventory: INVENTORY,
        target: 'inventory',
        deviceIdType: 'device',
        ...onCanvas,
      },
      { id: TOPIC_TOGGLE, type: 'phase0-toggle', y: 180, inventory: INVENTORY, ...onCanvas },
      { id: GROUP, type: 'phase0-group', y: 240, device: DEVICE, ...onCanvas },
    ]),
  );

  const problemsOf = (id: string) =>
    page().evaluate<string[]>(`(RED.nodes.node('${id}').validationErrors ?? []).map((each) => each.message ?? each)`);
  const idTypes = () =>
    page().evaluate<string[]>(`$('#node-input-deviceId').typedInput('instance').typeList.map(({ value }) => value)`);

  it('marks a saved toggle that takes the id of an inventory, and says what is missing', async () => {
    assert.deepEqual(await problemsOf(WRONG_TOGGLE), [
      'deviceIdType must say where the device id comes from, such as msg.topic: an inventory has many',
    ]);
  });

  it('takes flows without target for what they name, and without device id for the topic', async () => {
    assert.deepEqual([await problemsOf(TOPIC_TOGGLE), await problemsOf(GROUP)], [[], []]);
    await scene().editor.open(GROUP);
    assert.equal(await page().inputValue('#node-input-target'), 'device');
    await scene().editor.close('cancel');
    await scene().editor.open(TOPIC_TOGGLE);
    assert.equal(await page().inputValue('#node-input-target'), 'inventory');
    await scene().editor.close('ok');
    const { target, deviceId, deviceIdType } = await scene().editor.exported(TOPIC_TOGGLE);
    assert.deepEqual([target, deviceId, deviceIdType], ['inventory', 'topic', 'msg']);
  });

  it('offers the id of the device only with a device', async () => {
    await scene().editor.open(TOGGLE);
    assert.equal((await idTypes())[0], 'device');
    await page().selectOption('#node-input-target', 'inventory');
    assert.deepEqual(await idTypes(), ['str', 'msg', 'flow', 'global', 'jsonata', 'env']);
    await scene().editor.close('ok');
    const { deviceId, deviceIdType } = await scene().editor.exported(TOGGLE);
    assert.deepEqual([deviceId, deviceIdType], ['topic', 'msg']);
    await scene().editor.open(TOGGLE);
    await page().selectOption('#node-input-target', 'device');
    assert.equal((await idTypes())[0], 'device');
    await scene().editor.close('cancel');
  });

  it('mends a toggle that takes the id of an inventory when its dialog is closed by Done', async () => {
    await scene().editor.open(WRONG_TOGGLE);
    await scene().editor.close('ok');
    assert.deepEqual(await problemsOf(WRONG_TOGGLE), []);
  });
});
