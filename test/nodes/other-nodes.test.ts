import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Message } from '../../nodes/red';
import { deviceNode, helper, loadFlow, toggleNode, useNodeRed } from '../support/flow';
import { refusedPort } from '../support/loopback';

type TestNode = { receive(msg: Message): void } & NodeJS.EventEmitter;
const nodeOf = (id: string) => helper.getNode(id) as unknown as TestNode;

describe('phase0-simulator', () => {
  useNodeRed();

  it('is a device that a toggle switches, and sends a message for each packet', async () => {
    const port = await refusedPort();
    const simulator = { id: 'sim', type: 'phase0-simulator', port: String(port), wires: [['attempts']] };
    const flow = await loadFlow(simulator, deviceNode(port), toggleNode({ wires: [['success'], ['failure'], []] }));
    flow.receive({ payload: true });
    const [packet] = await flow.got('attempts', 1);
    assert.equal((packet?.payload as { device_id: string }).device_id, 'lamp-1');
    assert.ok(Buffer.isBuffer((packet?.phase0 as { raw: Buffer }).raw));
    await flow.got('success', 1);
    nodeOf('sim').receive({ payload: 'nack' });
    flow.receive({ payload: true });
    const [failure] = await flow.got('failure', 1);
    assert.equal((failure?.error as { code: string }).code, 'rejected');
  });

  /** A simulator in the place of the toggle, whose Catch and Complete nodes it has; resolves with its statuses. */
  const loadSimulator = async (settings: object = {}) => {
    const flow = await loadFlow({
      id: 'toggle0000000001',
      type: 'phase0-simulator',
      port: '0',
      wires: [[]],
      ...settings,
    });
    const node = nodeOf('toggle0000000001') as TestNode & { mode(): string };
    const statuses: string[] = [];
    node.on('call:status', ({ args: [{ fill, text }] }: { args: [{ fill: string; text: string }] }) => {
      statuses.push(`${fill} ${text}`);
    });
    return { flow, node, statuses };
  };

  it('stays red with a wrong setting, whatever a message asks for, and completes it with the error', async () => {
    const { flow, node, statuses } = await loadSimulator({ port: '99999' });
    const problem = /port must be a whole number from 0 to 65535, not "99999"/;
    flow.receive({ payload: 'nack' });
    flow.receive({ payload: true, rejectNext: true });
    const caught = await flow.got('caught', 2);
    for (const { error } of caught) assert.match((error as { message: string }).message, problem);
    assert.equal(node.mode(), 'success');
    assert.deepEqual(
      statuses.filter((status) => !status.startsWith('red ')),
      [],
    );
    assert.deepEqual(flow.outputs.completed, []);
  });

  it('changes the mode and rejects the next connection, if a message asks for both', async () => {
    const { flow, node } = await loadSimulator();
    flow.receive({ payload: 'timeout', rejectNext: true });
    await flow.got('completed', 1);
    assert.equal(node.mode(), 'timeout');
    flow.receive({ payload: 'no mode at all', rejectNext: true });
    await flow.got('completed', 2);
    assert.equal(node.mode(), 'timeout');
    assert.deepEqual(flow.outputs.caught, []);
    flow.receive({ mode: 'no mode at all', payload: 'nack', rejectNext: true });
    await flow.got('caught', 1);
    assert.equal(node.mode(), 'timeout');
  });

  it('takes a mode in any case, and with space around it', async () => {
    const { flow, node } = await loadSimulator();
    for (const [index, msg] of [{ payload: ' NACK ' }, { mode: 'Flaky\n', payload: 1 }].entries()) {
      flow.receive(msg);
      await flow.got('completed', index + 1);
      assert.equal(node.mode(), ['nack', 'flaky'][index]);
    }
  });
});

describe('phase0-metrics', () => {
  useNodeRed();

  it('answers a message with the metrics text', async () => {
    const metrics = { id: 'metrics', type: 'phase0-metrics', listen: false, wires: [['success']] };
    const flow = await loadFlow(metrics);
    nodeOf('metrics').receive({ payload: '' });
    const [answer] = await flow.got('success', 1);
    assert.match(String(answer?.payload), /# TYPE tcp_comm_packet_sent_total counter/);
    assert.match((answer?.headers as Record<string, string>)['content-type'] ?? '', /^text\/plain/);
  });

  it('serves its own endpoint', async () => {
    const port = await refusedPort();
    await loadFlow({ id: 'metrics', type: 'phase0-metrics', port: String(port), wires: [[]] });
    const node = nodeOf('metrics');
    await once(node, 'call:status');
    const response = await fetch(`http://127.0.0.1:${port}/metrics`);
    assert.equal(response.status, 200);
    assert.match(await response.text(), /tcp_comm_toggles_total/);
  });
});
