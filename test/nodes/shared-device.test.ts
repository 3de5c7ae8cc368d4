/** What toggle nodes of one device share: its connection while any of them is there, its circuit, its TLS. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Message } from '../../nodes/red';
import type { Verdict } from '../../src/verdict';
import { useSimulator } from '../support/fixtures';
import { deviceNode, helper, loadFlow, toggleNode, useNodeRed } from '../support/flow';

const PERSISTENT = { connection: 'persistent', reply: 'framed' };
const OTHER = 'toggle0000000002';
const verdictOf = (msg: Message | undefined): Verdict => msg?.phase0 as Verdict;

describe('a shared phase0-device', () => {
  const simulator = useSimulator({ reply: 'framed' });
  useNodeRed();

  const closeNode = (id: string, removed: boolean): Promise<void> =>
    (helper.getNode(id) as unknown as { close(removed: boolean): Promise<void> }).close(removed);

  it('keeps its connection while one toggle node is left, and closes it with the last', async () => {
    const flow = await loadFlow(deviceNode(simulator().port, PERSISTENT), toggleNode(), toggleNode({ id: OTHER }));
    flow.receive({ payload: true });
    helper.getNode(OTHER).receive({ payload: true });
    await flow.got('success', 2);
    assert.equal(simulator().connectionCount, 1);
    await closeNode(OTHER, true);
    flow.receive({ payload: false });
    await flow.got('success', 3);
    assert.equal(simulator().connectionCount, 1);
    await closeNode('toggle0000000001', true);
    while (simulator().openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('keeps its connection for a toggle node that has not asked for anything yet, and closes it with that one', async () => {
    const flow = await loadFlow(deviceNode(simulator().port, PERSISTENT), toggleNode(), toggleNode({ id: OTHER }));
    flow.receive({ payload: true });
    await flow.got('success', 1);
    await closeNode('toggle0000000001', true);
    helper.getNode(OTHER).receive({ payload: false });
    await flow.got('success', 2);
    assert.equal(simulator().connectionCount, 1);
    await closeNode(OTHER, true);
    while (simulator().openConnections > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('a toggle node that goes, or is reset, ends only what it asked for', async () => {
    simulator().delayMs = 100;
    await simulator().setMode('delay');
    const other = toggleNode({ id: OTHER, wires: [['other'], ['other'], []] });
    const flow = await loadFlow(deviceNode(simulator().port, PERSISTENT), toggleNode(), other, {
      id: 'other',
      type: 'helper',
    });
    const answers: Message[] = [];
    helper.getNode('other').on('input', (msg: Message) => answers.push(msg));
    flow.receive({ payload: true });
    helper.getNode(OTHER).receive({ payload: true });
    await once(simulator(), 'packet');
    flow.receive({ reset: true });
    const [cancelled] = await flow.got('failure', 1);
    assert.equal(verdictOf(cancelled).reason, 'cancelled');
    while (answers.length === 0) await once(helper.getNode('other'), 'input');
    assert.equal(verdictOf(answers[0]).outcome, 'confirmed');
  });

  it('opens its circuit: in the verdict, the code and the status', async () => {
    await simulator().setMode('disconnect');
    const flow = await loadFlow(
      deviceNode(simulator().port, { breakerFailures: '2', breakerResetMs: '60000' }),
      toggleNode(),
    );
    const { status } = helper.getNode('toggle0000000001') as unknown as { status: { args: [{ text: string }][] } };
    for (let count = 1; count <= 3; count += 1) {
      flow.receive({ payload: true });
      await flow.got('failure', count);
    }
    const verdicts = (flow.outputs.failure ?? []).map(verdictOf);
    assert.deepEqual(
      verdicts.map(({ outcome, reason, circuit }) => `${outcome}/${reason} ${circuit}`),
      ['unknown/connection_closed closed', 'unknown/connection_closed open', 'dropped/circuit_open open'],
    );
    while (!status.args.some(([{ text }]) => text.startsWith('circuit open'))) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  });

  it('names a tls-config node that is missing, and drops what is asked', async () => {
    const flow = await loadFlow(deviceNode(simulator().port, { tls: 'tls000000000001' }), toggleNode());
    flow.receive({ payload: true });
    const [failure] = await flow.got('failure', 1);
    assert.equal(verdictOf(failure).reason, 'invalid_settings');
    assert.match(verdictOf(failure).error ?? '', /tls names a tls-config node that is disabled or missing/);
  });
});
