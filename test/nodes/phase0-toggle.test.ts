import assert from 'node:assert/strict';
import type { Message } from '../../nodes/red';
import type { Verdict } from '../../src/verdict';
import { uniqueDeviceId, useSimulator } from '../support/fixtures';
import { deviceNode, helper, loadFlow, toggleNode, useNodeRed } from '../support/flow';
import { refusedPort } from '../support/loopback';

const verdictOf = (msg: Message | undefined): Verdict => msg?.phase0 as Verdict;
const errorOf = (msg: Message | undefined) => msg?.error as { code: string; message: string; source: { id: string } };

describe('phase0-toggle', () => {
  const simulator = useSimulator();
  useNodeRed();

  it('confirms on output 1, reports the attempt on output 3, is done once', async () => {
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode());
    flow.receive({ _msgid: 'm1', payload: 'on', topic: 'hall' });
    await flow.got('completed', 1);
    const [success] = await flow.got('success', 1);
    assert.equal(success?.payload, true);
    assert.equal(success?.topic, 'hall');
    assert.equal(success?.attempts, 1);
    assert.equal(verdictOf(success).outcome, 'confirmed');
    const [attempt] = await flow.got('attempts', 1);
    assert.equal(attempt?._msgid, 'm1');
    assert.equal(attempt?.payload, 1);
    assert.equal(attempt?.topic, 'lamp-1');
    assert.deepEqual(flow.outputs.failure, []);
    assert.equal(simulator().states.get('lamp-1'), true);
  });

  for (const [what, payload] of [
    ['{}', {}],
    ['null', null],
    ['"maybe"', 'maybe'],
    ['2', 2],
    ['NaN', Number.NaN],
    ['a string of 1 MB', 'x'.repeat(1_000_000)],
  ] as const) {
    it(`drops ${what} as invalid_state and sends nothing`, async () => {
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode());
      flow.receive({ payload });
      await flow.got('completed', 1);
      const [failure] = await flow.got('failure', 1);
      assert.equal(errorOf(failure).code, 'invalid_state');
      assert.match(errorOf(failure).message, /state must be true, false/);
      assert.ok(errorOf(failure).message.length < 300);
      assert.deepEqual(failure?.payload, payload);
      assert.equal(verdictOf(failure).attempts, 0);
      assert.equal(simulator().connectionCount, 0);
    });
  }

  for (const [mode, code] of [
    ['timeout', 'timeout'],
    ['disconnect', 'connection_closed'],
    ['reject', 'connection_failed'],
    ['nack', 'rejected'],
    ['garbage', 'bad_reply'],
  ] as const) {
    it(`${mode}: output 2 with code ${code}, one verdict, one done`, async () => {
      await simulator().setMode(mode);
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode());
      flow.receive({ payload: true });
      await flow.got('completed', 1);
      const [failure] = await flow.got('failure', 1);
      assert.equal(errorOf(failure).code, code);
      assert.equal(errorOf(failure).source.id, 'toggle0000000001');
      assert.equal(flow.outputs.failure?.length, 1);
      assert.deepEqual(flow.outputs.success, []);
      assert.deepEqual(flow.outputs.caught, []);
    });
  }

  it('a missing device is invalid_settings', async () => {
    const flow = await loadFlow(toggleNode({ device: '' }));
    flow.receive({ payload: true });
    const [failure] = await flow.got('failure', 1);
    assert.equal(errorOf(failure).code, 'invalid_settings');
    await flow.got('completed', 1);
  });

  it('an invalid port from the environment is invalid_settings, and names value and range', async () => {
    process.env.PHASE0_TEST_PORT = '70000';
    try {
      const flow = await loadFlow(deviceNode('${PHASE0_TEST_PORT}'), toggleNode());
      flow.receive({ payload: true });
      const [failure] = await flow.got('failure', 1);
      assert.equal(errorOf(failure).code, 'invalid_settings');
      assert.match(errorOf(failure).message, /port must be a whole number from 1 to 65535, not "70000"/);
    } finally {
      delete process.env.PHASE0_TEST_PORT;
    }
  });

  it('takes a port from the environment', async () => {
    process.env.PHASE0_TEST_PORT = String(simulator().port);
    try {
      const flow = await loadFlow(deviceNode('${PHASE0_TEST_PORT}'), toggleNode());
      flow.receive({ payload: true });
      await flow.got('success', 1);
    } finally {
      delete process.env.PHASE0_TEST_PORT;
    }
  });

  it('queue_full and superseded each leave by output 2', async () => {
    // No reply, so that the first toggle is under way until the end.
    await simulator().setMode('timeout');
    const full = await loadFlow(deviceNode(simulator().port, { queueLimit: '0', ioTimeoutMs: '60000' }), toggleNode());
    full.receive({ payload: true });
    full.receive({ payload: false });
    assert.equal(errorOf((await full.got('failure', 1))[0]).code, 'queue_full');
    await helper.unload();

    const settings = { queueMode: 'latest', ioTimeoutMs: '60000' };
    const latest = await loadFlow(deviceNode(simulator().port, settings), toggleNode());
    latest.receive({ payload: true });
    latest.receive({ payload: false, index: 1 });
    latest.receive({ payload: true, index: 2 });
    const [replaced] = await latest.got('failure', 1);
    assert.deepEqual([errorOf(replaced).code, replaced?.index], ['superseded', 1]);
    assert.deepEqual(latest.outputs.success ?? [], []);
  });

  it('latest: those replaced are superseded, the last is confirmed', async () => {
    const flow = await loadFlow(deviceNode(simulator().port, { queueMode: 'latest' }), toggleNode());
    for (let index = 0; index < 50; index += 1) flow.receive({ payload: index % 2 === 0, index });
    await flow.got('completed', 50);
    const failures = flow.outputs.failure ?? [];
    const successes = flow.outputs.success ?? [];
    assert.equal(failures.length + successes.length, 50);
    assert.ok(failures.every((msg) => errorOf(msg).code === 'superseded'));
    assert.equal(successes.at(-1)?.index, 49);
  });

  it('an expired one is dropped, never sent', async () => {
    await simulator().setMode('timeout');
    const device = deviceNode(simulator().port, { queueTtlMs: '20', maxAttempts: '1' });
    const flow = await loadFlow(device, toggleNode());
    flow.receive({ payload: true });
    flow.receive({ payload: false });
    const [first] = await flow.got('failure', 2);
    assert.equal(errorOf(first).code, 'expired');
    assert.equal(simulator().receivedPackets.length, 1);
  });

  it('msg.reset cancels running and waiting toggles, and is not sent on', async () => {
    await simulator().setMode('timeout');
    const flow = await loadFlow(deviceNode(simulator().port, { ioTimeoutMs: '60000' }), toggleNode());
    simulator().once('packet', () => flow.receive({ reset: true }));
    for (let index = 0; index < 6; index += 1) flow.receive({ payload: true });
    await flow.got('completed', 7);
    const failures = flow.outputs.failure ?? [];
    assert.deepEqual(failures.map((msg) => verdictOf(msg).outcome).toSorted(), [
      ...Array(5).fill('dropped'),
      'unknown',
    ]);
    assert.ok(failures.every((msg) => errorOf(msg).code === 'cancelled'));
    await simulator().setMode('success');
    flow.receive({ payload: true });
    await flow.got('success', 1);
  });

  it('a close while one is in flight and five wait: six verdicts, closed', async () => {
    await simulator().setMode('timeout');
    const flow = await loadFlow(deviceNode(simulator().port, { ioTimeoutMs: '60000' }), toggleNode());
    const packet = new Promise((resolve) => simulator().once('packet', resolve));
    for (let index = 0; index < 6; index += 1) flow.receive({ payload: true });
    await packet;
    const toggle = helper.getNode('toggle0000000001') as unknown as { close(removed: boolean): Promise<void> };
    await toggle.close(false);
    const failures = await flow.got('failure', 6);
    assert.ok(failures.every((msg) => errorOf(msg).code === 'closed'));
    await flow.got('completed', 6);
    assert.equal(flow.outputs.completed?.length, 6);
  });

  for (const [errors, wired, raised] of [
    ['auto', true, false],
    ['auto', false, true],
    ['always', true, true],
    ['never', false, false],
  ] as const) {
    it(`errors ${errors}, output 2 ${wired ? 'wired' : 'not wired'}: ${raised ? 'raised' : 'not raised'}`, async () => {
      const wires = [['success'], wired ? ['failure'] : [], ['attempts']];
      const flow = await loadFlow(deviceNode(await refusedPort()), toggleNode({ errors, wires }));
      flow.receive({ payload: true });
      if (raised) {
        const [caught] = await flow.got('caught', 1);
        assert.equal((caught?.error as { code?: string }).code, 'connection_failed');
        assert.equal(verdictOf(caught).outcome, 'failed');
        assert.equal(caught?.payload, true);
      } else {
        await flow.got('completed', 1);
        assert.deepEqual(flow.outputs.caught, []);
      }
      if (wired) assert.equal((await flow.got('failure', 1)).length, 1);
    });
  }

  it('flips from what was confirmed last; the first flip is on', async () => {
    // A unique id: confirmed states outlive the flow of another test.
    const flow = await loadFlow(deviceNode(simulator().port, { deviceId: uniqueDeviceId() }), toggleNode());
    for (let count = 1; count <= 3; count += 1) {
      flow.receive({ payload: 'toggle' });
      await flow.got('success', count);
    }
    assert.deepEqual(
      flow.outputs.success?.map(({ payload }) => payload),
      [true, false, true],
    );
  });

  for (const [stateType, payload, expected] of [
    ['on', 'ignored', true],
    ['off', 'ignored', false],
    ['flip', 'ignored', true],
  ] as const) {
    it(`fixed state ${stateType}`, async () => {
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode({ stateType }));
      flow.receive({ payload });
      assert.equal((await flow.got('success', 1))[0]?.payload, expected);
    });
  }

  it('reads state by JSONata, device id and msg_id from the message', async () => {
    const settings = {
      state: 'payload.level > 20',
      stateType: 'jsonata',
      deviceId: 'topic',
      deviceIdType: 'msg',
      msgId: 'order',
      msgIdType: 'msg',
    };
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode(settings));
    flow.receive({ payload: { level: 30 }, topic: 'pump-3', order: 'order-7' });
    await flow.got('success', 1);
    assert.deepEqual(simulator().receivedPackets[0]?.payload, {
      opcode: 'toggle',
      device_id: 'pump-3',
      msg_id: 'order-7',
      state: true,
    });
    flow.receive({ payload: { level: 30 }, topic: 'pump-3' });
    const [failure] = await flow.got('failure', 1);
    assert.equal(errorOf(failure).code, 'invalid_settings');
    assert.match(errorOf(failure).message, /msgId must be 1 to 64 printable ASCII characters, not undefined/);
  });

  it('a broken JSONata expression stops the node alone', async () => {
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode({ state: '$$$(', stateType: 'jsonata' }));
    flow.receive({ payload: true });
    assert.equal(errorOf((await flow.got('failure', 1))[0]).code, 'invalid_settings');
  });

  it('every expression that does not compile is named, with its value', async () => {
    const wrong = { state: '$x(', stateType: 'jsonata', msgId: '$y(', msgIdType: 'jsonata' };
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode(wrong));
    flow.receive({ payload: true });
    const { reason, error = '' } = verdictOf((await flow.got('failure', 1))[0]);
    assert.equal(reason, 'invalid_settings');
    assert.match(error, /state must be a JSONata expression, not "\$x\(" \(Expected.*\)/);
    assert.match(error, /; msgId must be a JSONata expression, not "\$y\(" \(Expected/);
  });

  for (const [name, type, value, where] of [
    ['state', 'msg', 'payload.x.y', 'msg.payload.x.y'],
    ['state', 'jsonata', '$number("a")', '$number(\\"a\\")'],
    ['deviceId', 'msg', 'payload.x.y', 'msg.payload.x.y'],
    ['msgId', 'msg', 'payload.x.y', 'msg.payload.x.y'],
  ] as const) {
    it(`${name} of ${where} that cannot be read: the error says so, and what is accepted`, async () => {
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode({ [name]: value, [`${name}Type`]: type }));
      flow.receive({ payload: 5 });
      const { reason, error = '' } = verdictOf((await flow.got('failure', 1))[0]);
      assert.equal(reason, name === 'state' ? 'invalid_state' : 'invalid_settings');
      const accepted = {
        state: 'true, false, 1, 0, "on", "off" or "flip"',
        deviceId: 'text of 1 to 128 characters',
        msgId: '1 to 64 printable ASCII characters',
      };
      assert.ok(error.startsWith(`${name} must be ${accepted[name]}, and "${where}" cannot be read (`), error);
    });
  }

  it('a command that is refused has the ids that its message names', async () => {
    const ids = { deviceId: 'topic', deviceIdType: 'msg', msgId: 'order', msgIdType: 'msg' };
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode(ids));
    flow.receive({ payload: 'maybe', topic: 'pump-3', order: 'order-7' });
    flow.receive({ payload: true, topic: '', order: 'order-8' });
    flow.receive({ payload: true, topic: 'pump-4' });
    flow.receive({ payload: true, topic: 7, order: 'x\n'.repeat(1000) });
    flow.receive({ payload: 'maybe', topic: 7, order: 'x\n'.repeat(1000) });
    await flow.got('failure', 5);
    flow.receive({ payload: true, topic: 'pump-9', order: 'order-9' });
    // It comes before the one above was read.
    flow.receive({ reset: true });
    const verdicts = (await flow.got('failure', 6)).map(verdictOf);
    const cut = verdicts[3]?.msgId ?? '';
    assert.match(cut, /^(x\\x0a)+x…$/);
    assert.deepEqual(
      verdicts.map(({ reason, deviceId, msgId }) => [reason, deviceId, msgId]),
      [
        ['invalid_state', 'pump-3', 'order-7'],
        ['invalid_settings', 'lamp-1', 'order-8'],
        ['invalid_settings', 'pump-4', ''],
        ['invalid_settings', '7', cut],
        ['invalid_state', '7', cut],
        ['cancelled', 'pump-9', 'order-9'],
      ],
    );
  });

  it('2,000 in a burst reach the device in order', async () => {
    const device = deviceNode(simulator().port, { queueLimit: '5000', ioTimeoutMs: '5000' });
    const flow = await loadFlow(device, toggleNode({ msgId: 'order', msgIdType: 'msg' }));
    const orders = Array.from({ length: 2000 }, (_, index) => `o${index}`);
    for (const order of orders) flow.receive({ payload: true, order });
    await flow.got('success', 2000);
    assert.deepEqual(
      simulator().receivedPackets.map(({ payload }) => payload.msg_id),
      orders,
    );
  });
});
