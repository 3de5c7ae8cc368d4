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
