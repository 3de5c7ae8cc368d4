/** Subflows and environment variables: each instance of one template switches its own device. */
import assert from 'node:assert/strict';
import { useSimulator } from '../support/fixtures';
import { inEachEditor } from '../support/editor-scene';

const TAB = 'f000000000000012';
const SUBFLOW = '5000000000000012';
const OUTSIDE = 'd000000000000012';
const INSIDE = 'd100000000000012';
const INSTANCES = ['a000000000000012', 'a100000000000012'];
const BUTTONS = ['c000000000000012', 'c100000000000012'];

/** `device`: whether the toggle in the template uses the device inside or outside of it. */
function flow(device: string, ports: readonly number[]): object[] {
  const env = (name: string, value: string) => ({ name, value, type: 'str' });
  const settings = { type: 'phase0-device', host: '${LAMP_HOST}', port: '${LAMP_PORT}' };
  return [
    { id: TAB, type: 'tab', label: 'Instances' },
    { id: 'a200000000000012', type: 'global-config', env: [env('LAMP_PORT', String(ports[0]))] },
    {
      id: SUBFLOW,
      type: 'subflow',
      name: 'lamp',
      in: [{ x: 60, y: 80, wires: [{ id: 'b000000000000012' }] }],
      out: [{ x: 460, y: 80, wires: [{ id: 'b000000000000012', port: 0 }] }],
      env: [env('LAMP_PORT', '1'), env('LAMP_ID', 'none')],
    },
    { id: OUTSIDE, deviceId: 'outside', ...settings },
    { id: INSIDE, z: SUBFLOW, deviceId: '${LAMP_ID}', ...settings },
    {
      id: 'b000000000000012',
      type: 'phase0-toggle',
      z: SUBFLOW,
      x: 240,
      y: 80,
      device,
      state: '',
      stateType: 'on',
      deviceId: 'LAMP_ID',
      deviceIdType: 'env',
      wires: [[], [], []],
    },
    ...INSTANCES.flatMap((id, index) => [
      {
        id,
        type: `subflow:${SUBFLOW}`,
        z: TAB,
        x: 380,
        y: 80 + 80 * index,
        env: [env('LAMP_PORT', String(ports[index])), env('LAMP_ID', `lamp-${index}`)],
        wires: [['e000000000000012']],
      },
      { id: BUTTONS[index], type: 'inject', z: TAB, x: 140, y: 80 + 80 * index, props: [], wires: [[id]] },
    ]),
    {
      id: 'e000000000000012',
      type: 'debug',
      z: TAB,
      x: 600,
      y: 80,
      active: true,
      tosidebar: true,
      complete: 'phase0',
      targetType: 'msg',
      wires: [],
    },
  ];
}

inEachEditor('subflows', (scene) => {
  const one = useSimulator();
  const other = useSimulator();

  const press = async (index: number) => {
    scene().nodeRed.clear();
    await scene().editor.press(BUTTONS[index] ?? '');
    const { value } = await scene().nodeRed.waitForDebug();
    const { deviceId, outcome } = value as Record<string, unknown>;
    assert.deepEqual([deviceId, outcome], [`lamp-${index}`, 'confirmed']);
  };

  it('share a device outside, which takes its variables from Node-RED', async () => {
    await scene().show(flow(OUTSIDE, [one().port, other().port]));
    for (const index of [0, 1]) await press(index);
    assert.deepEqual(
      [...one().states],
      [
        ['lamp-0', true],
        ['lamp-1', true],
      ],
    );
    assert.equal(other().connectionCount, 0);
  });

  it('have a device of their own inside, which takes its variables from the instance', async () => {
    await scene().show(flow(INSIDE, [one().port, other().port]));
    for (const index of [0, 1]) await press(index);
    assert.deepEqual([...one().states], [['lamp-0', true]]);
    assert.deepEqual([...other().states], [['lamp-1', true]]);
  });
});
