/** phase0-group: one message switches many devices, and leaves once, with one verdict. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { metrics } from '../../nodes/metrics';
import type { Message } from '../../nodes/red';
import type { GroupVerdict } from '../../src/inventory/group';
import { DeviceSimulator } from '../../src/simulator/device-simulator';
import type { Verdict } from '../../src/verdict';
import { useSimulator } from '../support/fixtures';
import { deviceNode, groupNode, helper, inventoryNode, loadFlow, useNodeRed, type Flow } from '../support/flow';
import { refusedPort } from '../support/loopback';

let tests = 0;

const verdictOf = (msg: Message | undefined): GroupVerdict => msg?.phase0 as GroupVerdict;
const errorOf = (msg: Message | undefined) => msg?.error as { code: string; message: string; source: object };
const countsOf = (msg: Message | undefined) => {
  const { outcome, total, confirmed, rejected, unknown, failed, dropped } = verdictOf(msg);
  return `${outcome} ${total}: ${confirmed} ${rejected} ${unknown} ${failed} ${dropped}`;
};
/** Device id → outcome, with the reason where there is one. */
const membersOf = (msg: Message | undefined) =>
  Object.fromEntries(
    Object.entries(verdictOf(msg).members).map(([id, { outcome, reason }]) => [
      id,
      [outcome, reason].filter(Boolean).join('/'),
    ]),
  );

const WRONG_EXPRESSIONS = { members: '$x(', membersType: 'jsonata', state: '$y(', stateType: 'jsonata' };

describe('phase0-group', () => {
  const simulator = useSimulator({ reply: 'framed' });
  /** One of its own for each test: what is loaded under the id of another one soon after it takes its inventory over. */
  let inventory = '';
  useNodeRed();
  beforeEach(() => {
    tests += 1;
    inventory = `inventory${tests}`;
  });

  const at = (port: number, device_id: string, more: object = {}) => ({ device_id, host: '127.0.0.1', port, ...more });
  const lamps = (count: number, more: object = {}) =>
    Array.from({ length: count }, (_, index) => at(simulator().port, `lamp-${index + 1}`, more));
  const load = (rows: readonly object[], group: object = {}, settings: object = {}): Promise<Flow> =>
    loadFlow(inventoryNode(rows, { id: inventory, ...settings }), groupNode({ inventory, ...group }));

  /** Everything that came out ended once, by one of the outputs 1 and 2. */
  const assertOnce = (flow: Flow, messages: number) => {
    const { success = [], failure = [], completed = [] } = flow.outputs;
    assert.equal(success.length + failure.length, messages);
    assert.equal(completed.length, messages);
    const ids = [...success, ...failure].map(({ _msgid }) => _msgid);
    assert.equal(new Set(ids).size, messages);
  };

  it('switches the members that the topic names, and leaves as one message with the verdict of each', async () => {
    const flow = await load(lamps(3));
    const error = { message: 'of an earlier try', source: { type: 'phase0-group' } };
    flow.receive({ _msgid: 'm1', topic: 'lamp-1, lamp-3', payload: 'on', attempts: 7, error });
    const [all] = await flow.got('success', 1);
    const { phase0, ...rest } = all ?? {};
    assert.deepEqual(rest, { _msgid: 'm1', topic: 'lamp-1, lamp-3', payload: true, attempts: 7 });
    const { members, elapsedMs, ...counts } = phase0 as GroupVerdict;
    assert.deepEqual(counts, {
      outcome: 'all',
      total: 2,
      confirmed: 2,
      rejected: 0,
      unknown: 0,
      failed: 0,
      dropped: 0,
    });
    assert.ok(elapsedMs > 0);
    assert.deepEqual(Object.keys(members).toSorted(), ['lamp-1', 'lamp-3']);
    assert.equal(members['lamp-3']?.deviceId, 'lamp-3');
    assert.deepEqual(Object.fromEntries(simulator().states), { 'lamp-1': true, 'lamp-3': true });
    await flow.got('completed', 1);
    assertOnce(flow, 1);
  });

  it('sends a message of its own for each member, with its verdict and its state', async () => {
    const flow = await load([...lamps(2), at(await refusedPort(), 'dead')]);
    flow.receive({ _msgid: 'm1', topic: 'all', payload: false, other: 1 });
    const members = await flow.got('attempts', 3);
    const [some] = await flow.got('failure', 1);
    for (const { phase0, ...member } of members) {
      const isDead = member.topic === 'dead';
      assert.deepEqual(member, { topic: member.topic, payload: isDead ? null : false, _msgid: 'm1' });
      assert.deepEqual(phase0, verdictOf(some).members[String(member.topic)]);
    }
  });

  it('confirmed, rejected, unknown, failed, dropped and unknown to the inventory, one of them listed twice', async () => {
    const nack = new DeviceSimulator({ port: 0, mode: 'nack', reply: 'framed' });
    const silent = new DeviceSimulator({ port: 0, mode: 'timeout' });
    await Promise.all([nack.start(), silent.start()]);
    const rows = [
      ...lamps(1),
      at(nack.port, 'no'),
      at(silent.port, 'silent'),
      at(await refusedPort(), 'refused'),
      // A queue of no length drops the second of two that come together.
      at(silent.port, 'busy', { queueLimit: 0 }),
    ];
    const flow = await load(rows);
    const topic = ['lamp-1', 'no', 'silent', 'refused', 'busy', 'cellar', 'lamp-1', 'silent'];
    flow.receive({ topic: 'busy', payload: true });
    flow.receive({ topic, payload: true });
    const failures = await flow.got('failure', 2);
    const some = failures.find((msg) => verdictOf(msg).total > 1);
    assert.equal(countsOf(some), 'some 6: 1 1 1 1 2');
    assert.deepEqual(membersOf(some), {
      'lamp-1': 'confirmed',
      no: 'rejected/rejected',
      silent: 'unknown/timeout',
      refused: 'failed/connection_failed',
      busy: 'dropped/queue_full',
      cellar: 'dropped/unknown_device',
    });
    assert.deepEqual([some?.topic, some?.payload], [topic, true]);
    const { code, source } = errorOf(some);
    assert.equal(code, 'rejected');
    assert.deepEqual(source, { id: 'toggle0000000001', type: 'phase0-group', name: '' });
    await flow.got('completed', 2);
    assertOnce(flow, 2);
    await Promise.all([nack.close(), silent.close()]);
  });

  for (const [name, topic, code, total] of [
    ['an empty list', [], 'invalid_settings', 0],
    ['an empty text', '', 'invalid_settings', 0],
    ['no list', { a: 1 }, 'invalid_settings', 0],
    ['too long a list', Array.from({ length: 10_001 }, () => 'lamp-1'), 'invalid_settings', 0],
    ['a tag that no row has', '#cellar', 'unknown_device', 1],
  ] as const) {
    it(`${name} is not all: none of ${total}`, async () => {
      const flow = await load(lamps(1));
      flow.receive({ topic, payload: true });
      const [failure] = await flow.got('failure', 1);
      assert.equal(countsOf(failure), `none ${total}: 0 0 0 0 ${total}`);
      assert.equal(errorOf(failure).code, code);
      assert.equal(failure?.payload, true);
      await flow.got('completed', 1);
      assertOnce(flow, 1);
      assert.equal(simulator().appliedCount, 0);
    });
  }

  it('takes tags, and the rows that have them at that time', async () => {
    const [first, second] = lamps(2, { tags: 'hall' });
    const flow = await load([first as object, { ...second, tags: 'hall stairs' }, at(simulator().port, 'attic')]);
    for (const [topic, ids] of [
      ['#hall', ['lamp-1', 'lamp-2']],
      ['#stairs attic', ['lamp-2', 'attic']],
      ['all', ['lamp-1', 'lamp-2', 'attic']],
    ] as const) {
      const before = (flow.outputs.success ?? []).length;
      flow.receive({ topic, payload: true });
      const all = await flow.got('success', before + 1);
      assert.deepEqual(Object.keys(verdictOf(all.at(-1)).members).toSorted(), [...ids].toSorted());
    }
  });

  it('a scene gives each member its own state; without a list its ids are the members', async () => {
    const flow = await load(lamps(3));
    flow.receive({ payload: { 'lamp-1': 'on', 'lamp-2': 0, 'lamp-3': 'flip' } });
    const [all] = await flow.got('success', 1);
    const scene = { 'lamp-1': true, 'lamp-2': false, 'lamp-3': true };
    assert.deepEqual(all?.payload, scene);
    assert.deepEqual(Object.fromEntries(simulator().states), scene);
    flow.receive({ payload: { 'lamp-1': false, 'lamp-2': 'maybe', other: true }, topic: 'lamp-1 lamp-2 lamp-3' });
    const [some] = await flow.got('failure', 1);
    assert.deepEqual(membersOf(some), {
      'lamp-1': 'confirmed',
      'lamp-2': 'dropped/invalid_state',
      'lamp-3': 'dropped/invalid_state',
    });
    const errors = Object.values(verdictOf(some).members).map(({ error }) => error);
    assert.ok(errors.includes('the scene has no state for "lamp-3"'));
    assert.ok(errors.some((error) => error?.endsWith('not "maybe"')));
  });

  it('flip asks each for the opposite of its own state, and says which ones there are now', async () => {
    const flow = await load(lamps(2));
    flow.receive({ payload: true, topic: 'lamp-1' });
    await flow.got('success', 1);
    flow.receive({ payload: 'flip', topic: 'all' });
    const [, flipped] = await flow.got('success', 2);
    assert.deepEqual(flipped?.payload, { 'lamp-1': false, 'lamp-2': true });
  });

  it('what is no state is dropped for each member, at once, and nothing is sent', async () => {
    const flow = await load(lamps(3), { staggerMs: 60_000 });
    flow.receive({ payload: 'maybe', topic: 'all' });
    const [none] = await flow.got('failure', 1);
    assert.equal(countsOf(none), 'none 3: 0 0 0 0 3');
    assert.equal(errorOf(none).code, 'invalid_state');
    assert.equal(simulator().connectionCount, 0);
  });

  for (const [type, value, prepare] of [
    ['str', '#hall', undefined],
    ['jsonata', 'payload.ids', undefined],
    ['global', 'ids', ['lamp-1', 'lamp-2']],
    ['env', 'PHASE0_TEST_MEMBERS', undefined],
  ] as const) {
    it(`members from ${type}`, async () => {
      process.env.PHASE0_TEST_MEMBERS = 'lamp-1 lamp-2';
      const flow = await load(lamps(2, { tags: 'hall' }), { membersType: type, members: value, stateType: 'on' });
      const node = helper.getNode('toggle0000000001') as unknown as {
        context(): { readonly global: { set(name: string, value: unknown): void } };
      };
      if (prepare !== undefined) node.context().global.set('ids', prepare);
      flow.receive({ payload: { ids: ['lamp-1', 'lamp-2'] } });
      const [all] = await flow.got('success', 1);
      assert.deepEqual([countsOf(all), all?.payload], ['all 2: 2 0 0 0 0', true]);
      delete process.env.PHASE0_TEST_MEMBERS;
    });
  }

  it('a device is a gateway to the members; it has neither tags nor rows', async () => {
    const device = deviceNode(simulator().port, { deviceId: 'gateway' });
    const flow = await loadFlow(device, groupNode({ device: 'device0000000001', inventory: '', target: 'device' }));
    flow.receive({ topic: ['lamp-1', 'lamp-2', '#3'], payload: true });
    const [all] = await flow.got('success', 1);
    assert.equal(countsOf(all), 'all 3: 3 0 0 0 0');
    flow.receive({ topic: '#hall', payload: true });
    const [none] = await flow.got('failure', 1);
    assert.match(errorOf(none).message, /"#hall" needs an inventory/);
  });

  it('a flow that names only a device means that', async () => {
    const flow = await loadFlow(deviceNode(simulator().port), groupNode({ device: 'device0000000001', inventory: '' }));
    flow.receive({ topic: 'lamp-1', payload: true });
    assert.equal(countsOf((await flow.got('success', 1))[0]), 'all 1: 1 0 0 0 0');
  });

  it('a flow that names only a fleet means that', async () => {
    const flow = await loadFlow(groupNode({ fleet: 'missing', inventory: '' }));
    flow.receive({ topic: 'lamp-1', payload: true });
    const [none] = await flow.got('failure', 1);
    assert.match(errorOf(none).message, /noFleet/);
  });

  for (const [name, group, settings, pattern] of [
    ['no inventory', { inventory: '' }, {}, /noInventory/],
    ['another kind of node', { inventory: 'success' }, {}, /noInventory/],
    ['a wrong setting of its own', { staggerMs: '-1' }, {}, /staggerMs must be a whole number/],
    ['a setting of a newer version', { settingsVersion: 99 }, {}, /settingsVersion must be/],
    [
      'expressions that do not compile',
      WRONG_EXPRESSIONS,
      {},
      /^members must be .*"\$x\(" .*; state must be .*"\$y\("/,
    ],
    [
      'members that cannot be read',
      { members: 'topic.x.y' },
      {},
      /^members must be .*"msg.topic.x.y" cannot be read \(/,
    ],
    ['a wrong setting of the inventory', {}, { ioTimeoutMs: '0' }, /ioTimeoutMs must be/],
    ['an inventory without a good row', {}, { devices: [{ device_id: 'a' }] }, /row 1: host is required/],
  ] as const) {
    it(`${name}: none of 0, invalid_settings`, async () => {
      const flow = await load(lamps(1), group, settings);
      flow.receive({ topic: 'all', payload: true });
      const [failure] = await flow.got('failure', 1);
      assert.equal(countsOf(failure), 'none 0: 0 0 0 0 0');
      assert.equal(errorOf(failure).code, 'invalid_settings');
      assert.match(errorOf(failure).message, pattern);
    });
  }

  it('a state that cannot be read: each member is invalid_state, and the error says where and what is accepted', async () => {
    const flow = await load(lamps(1), { state: 'payload.x.y' });
    flow.receive({ topic: 'all', payload: true });
    const [failure] = await flow.got('failure', 1);
    const [member] = Object.values(verdictOf(failure).members);
    assert.equal(member?.reason, 'invalid_state');
    assert.match(
      member?.error ?? '',
      /^state must be true, .+ or an object .+, and "msg.payload.x.y" cannot be read \(/,
    );
  });

  it('a verdict that a later node changes is not that of the next message', async () => {
    const flow = await load(lamps(1));
    const totals: number[] = [];
    helper.getNode('failure').on('input', (msg: Message) => {
      totals.push(verdictOf(msg).total);
      Object.assign(verdictOf(msg), { total: 77 });
    });
    flow.receive({ payload: true, topic: [] });
    flow.receive({ payload: true, topic: [] });
    await flow.got('failure', 2);
    assert.deepEqual(totals, [0, 0]);
  });

  it('with output 2 not wired, what is not all is raised, with the verdict on the message', async () => {
    const flow = await load(lamps(1), { wires: [['success'], [], []] });
    flow.receive({ topic: 'lamp-1 lamp-2', payload: true });
    const [caught] = await flow.got('caught', 1);
    assert.equal(countsOf(caught), 'some 2: 1 0 0 0 1');
    assert.equal((flow.outputs.completed ?? []).length, 0);
    flow.receive({ topic: 'lamp-1', payload: true });
    await flow.got('success', 1);
  });

  it('runs no more at a time than it may, over all messages, and the later message last', async () => {
    await simulator().setMode('delay');
    const flow = await load(lamps(3), { concurrency: '1' }, { ioTimeoutMs: '5000' });
    const packets: string[] = [];
    let open = 0;
    simulator().on('packet', ({ payload }) => {
      open = Math.max(open, simulator().openConnections);
      packets.push(`${String(payload.device_id)} ${String(payload.state)}`);
    });
    flow.receive({ topic: ['lamp-1', 'lamp-2'], payload: true });
    flow.receive({ topic: ['lamp-2', 'lamp-3'], payload: false });
    await flow.got('success', 2);
    assert.deepEqual(packets, ['lamp-1 true', 'lamp-2 true', 'lamp-2 false', 'lamp-3 false']);
    assert.equal(open, 1);
    assert.equal(simulator().states.get('lamp-2'), false);
  }).timeout(10_000);

  it('leaves staggerMs between two starts, and 1,000 members with it end in one verdict', async () => {
    const flow = await load(lamps(1000), { staggerMs: '2', wires: [['success'], ['failure'], []] });
    flow.receive({ topic: 'all', payload: true });
    const [all] = await flow.got('success', 1);
    assert.equal(countsOf(all), 'all 1000: 1000 0 0 0 0');
    assert.ok(verdictOf(all).elapsedMs >= 1998, String(verdictOf(all).elapsedMs));
    assert.equal(simulator().appliedCount, 1000);
    await flow.got('completed', 1);
    assertOnce(flow, 1);
  }).timeout(30_000);

  it('stopOnFailure drops the rest after the first that is not confirmed', async () => {
    const rows = [...lamps(1), at(await refusedPort(), 'dead'), at(simulator().port, 'last')];
    const flow = await load(rows, { concurrency: 1, stopOnFailure: true });
    flow.receive({ topic: 'all', payload: true });
    const [some] = await flow.got('failure', 1);
    assert.deepEqual(membersOf(some), {
      'lamp-1': 'confirmed',
      dead: 'failed/connection_failed',
      last: 'dropped/cancelled',
    });
    assert.match(await metrics.text(), /tcp_comm_toggles_total\{device_id="last",outcome="dropped"\} 1/);
  });

  it('names the first that is not confirmed in the order of the list, also where ids are numbers', async () => {
    await simulator().setMode('timeout');
    const rows = ['1', '3', '9'].map((id) => at(simulator().port, id));
    const flow = await load(rows, { concurrency: 1, stopOnFailure: true });
    flow.receive({ topic: ['9', '3', '1'], payload: true });
    const [none] = await flow.got('failure', 1);
    assert.deepEqual(membersOf(none), { 1: 'dropped/cancelled', 3: 'dropped/cancelled', 9: 'unknown/timeout' });
    assert.equal(errorOf(none).code, 'timeout');
  });

  describe('in the middle', () => {
    const inTheMiddle = async (group: object = {}, more: object = {}): Promise<Flow> => {
      await simulator().setMode('timeout');
      const flow = await load(lamps(5), { concurrency: 2, ...group }, { ioTimeoutMs: '60000', ...more });
      flow.receive({ topic: 'all', payload: true });
      while (simulator().receivedPackets.length < 2) await once(simulator(), 'packet');
      return flow;
    };

    it('reset ends every member and the message behind it, each once; the next message is switched', async () => {
      const flow = await inTheMiddle();
      flow.receive({ topic: 'lamp-5', payload: false });
      flow.receive({ reset: true });
      const failures = await flow.got('failure', 2);
      assert.deepEqual(failures.map(countsOf).toSorted(), ['none 1: 0 0 0 0 1', 'none 5: 0 0 2 0 3']);
      for (const msg of failures) assert.equal(errorOf(msg).code, 'cancelled');
      await simulator().setMode('success');
      flow.receive({ topic: 'all', payload: true });
      const [all] = await flow.got('success', 1);
      assert.equal(countsOf(all), 'all 5: 5 0 0 0 0');
      await flow.got('completed', 4);
      const members = await flow.got('attempts', 11);
      assert.equal(members.length, 11);
    });

    it('a deploy of the group ends every member as closed, in one verdict', async () => {
      const flow = await inTheMiddle();
      await (helper.getNode('toggle0000000001') as unknown as { close(removed: boolean): Promise<void> }).close(false);
      const [closed] = await flow.got('failure', 1);
      assert.equal(verdictOf(closed).total, 5);
      assert.equal(verdictOf(closed).outcome, 'none');
      for (const outcome of Object.values(membersOf(closed)))
        assert.match(outcome, /^(unknown|failed|dropped)\/closed$/);
      assert.equal(simulator().openConnections <= 2, true);
      await flow.got('completed', 1);
      assertOnce(flow, 1);
      assert.match(await metrics.text(), /tcp_comm_groups_total\{group="toggle0000000001",outcome="none"\} \d/);
    });

    it('a deploy of the inventory ends what runs as closed, and the rest goes on with the new one', async () => {
      const flow = await inTheMiddle({ staggerMs: 20 });
      await simulator().setMode('success');
      const node = helper.getNode(inventory) as unknown as { close(removed: boolean): Promise<void> };
      await node.close(true);
      const [some] = await flow.got('failure', 1);
      assert.equal(verdictOf(some).total, 5);
      for (const outcome of Object.values(membersOf(some))) assert.match(outcome, /closed$/);
      await flow.got('completed', 1);
      assertOnce(flow, 1);
    });

    it('a row that is removed ends as device_removed, the others as they do', async () => {
      const flow = await inTheMiddle({ concurrency: 0 });
      const node = helper.getNode(inventory) as unknown as { device: { load(reading: object): void } };
      while (simulator().receivedPackets.length < 5) await once(simulator(), 'packet');
      node.device.load({ ok: true, devices: [] });
      const [none] = await flow.got('failure', 1);
      assert.deepEqual(new Set(Object.values(membersOf(none))), new Set(['unknown/device_removed']));
    });
  });

  it('msg.reload reads the inventory again, and goes no further', async () => {
    const flow = await load(lamps(1));
    let reloads = 0;
    (helper.getNode(inventory) as unknown as { reload(): void }).reload = () => (reloads += 1);
    flow.receive({ reload: true, topic: 'all', payload: true });
    await flow.got('completed', 1);
    assert.equal(reloads, 1);
    assert.equal((flow.outputs.success ?? []).length, 0);
  });

  it('shows how far it is, and how it ended, with the first member that was not confirmed', async () => {
    const flow = await load([...lamps(2), at(await refusedPort(), 'dead'), at(await refusedPort(), 'gone')]);
    const node = helper.getNode('toggle0000000001') as unknown as { status: { args: [{ text: string }][] } };
    const last = () => node.status.args.at(-1)?.[0];
    const shown = async (pattern: RegExp) => {
      while (!pattern.test(last()?.text ?? '')) await new Promise((resolve) => setTimeout(resolve, 20));
      return last();
    };
    flow.receive({ topic: 'lamp-1 lamp-2', payload: true });
    assert.deepEqual(await shown(/ms$/), { fill: 'green', shape: 'dot', text: last()?.text });
    assert.match(last()?.text ?? '', /^2 of 2 · \d+ ms$/);
    flow.receive({ topic: 'all', payload: true });
    await shown(/^2 of 4 · (dead|gone): port refused \(\+1\)$/);
    flow.receive({ topic: '', payload: true });
    assert.deepEqual(await shown(/^no members$/), { fill: 'red', shape: 'ring', text: 'no members' });
  });

  it('counts its verdicts until it is removed; a member message that is changed changes no verdict', async () => {
    const flow = await load(lamps(2));
    helper.getNode('attempts').on('input', (msg: Message) => {
      (msg.phase0 as { outcome: string }).outcome = 'changed';
    });
    const count = async (outcome: string) =>
      Number(
        new RegExp(`groups_total\\{group="toggle0000000001",outcome="${outcome}"\\} (\\d+)`).exec(
          await metrics.text(),
        )?.[1],
      );
    const before = await count('all');
    flow.receive({ topic: 'all', payload: true });
    const [all] = await flow.got('success', 1);
    assert.deepEqual(Object.values(membersOf(all)), ['confirmed', 'confirmed']);
    assert.equal(await count('all'), before + 1);
    await (helper.getNode('toggle0000000001') as unknown as { close(removed: boolean): Promise<void> }).close(true);
    assert.doesNotMatch(await metrics.text(), /group="toggle0000000001"/);
  });

  it('members of one verdict are those of the requested list, whatever their names', async () => {
    const flow = await load([at(simulator().port, '__proto__'), at(simulator().port, 'constructor')]);
    flow.receive({ topic: ['__proto__', 'constructor'], payload: true });
    const [all] = await flow.got('success', 1);
    const { members } = verdictOf(all);
    assert.deepEqual(Object.keys(members), ['__proto__', 'constructor']);
    assert.equal((Object.getOwnPropertyDescriptor(members, '__proto__')?.value as Verdict).outcome, 'confirmed');
  });
});
