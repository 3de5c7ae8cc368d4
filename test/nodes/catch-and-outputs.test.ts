/** What a message carries on: a Catch node gets the verdict of any message, output 1 no error of an earlier try. */
import assert from 'node:assert/strict';
import type { Message } from '../../nodes/red';
import type { Verdict } from '../../src/verdict';
import { uniqueDeviceId, useSimulator } from '../support/fixtures';
import { deviceNode, loadFlow, toggleNode, useNodeRed } from '../support/flow';

describe('a message of phase0-toggle', () => {
  const simulator = useSimulator();
  useNodeRed();

  const guards: Readonly<Record<string, (msg: Message) => unknown>> = {
    frozen: (msg) => Object.freeze(msg),
    sealed: (msg) => Object.seal(msg),
    'not extensible': (msg) => Object.preventExtensions(msg),
  };
  for (const [about, guard] of Object.entries(guards)) {
    it(`that is ${about} reaches a Catch node with its verdict, and no Complete node`, async () => {
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode({ errors: 'always' }));
      const msg: Message = { _msgid: 'm1', payload: 'maybe', topic: 't' };
      guard(msg);
      flow.receive(msg);
      const [caught] = await flow.got('caught', 1);
      assert.equal((caught?.phase0 as Verdict).reason, 'invalid_state');
      assert.equal((caught?.error as { code: string }).code, 'invalid_state');
      assert.deepEqual([caught?._msgid, caught?.payload, caught?.topic], ['m1', 'maybe', 't']);
      assert.deepEqual(flow.outputs.completed, []);
    });
  }

  it('leaves the msg.error of an earlier try behind when it is confirmed', async () => {
    const flow = await loadFlow(deviceNode(simulator().port, { deviceId: uniqueDeviceId() }), toggleNode());
    flow.receive({ payload: true, error: { message: 'of an earlier try', source: { type: 'phase0-toggle' } } });
    const [success] = await flow.got('success', 1);
    assert.equal('error' in (success ?? {}), false);
  });
});
