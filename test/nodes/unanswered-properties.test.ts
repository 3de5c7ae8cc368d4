/** A context store that never answers, in Node-RED's test helper: every message has its verdict all the same. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import helper from 'node-red-node-test-helper';
import type { Message, NodeApi } from '../../nodes/red';
import type { Verdict } from '../../src/verdict';
import { useSimulator } from '../support/fixtures';
import { deviceNode, groupNode, inventoryNode, loadFlow, toggleNode, useNodeRed } from '../support/flow';

/** The one that the nodes are given. */
const { util } = require('node-red') as { util: NodeApi['util'] };

describe('a property that is never answered', () => {
  const simulator = useSimulator();
  useNodeRed();
  const evaluateNodeProperty = util.evaluateNodeProperty.bind(util);
  let asked: () => void;
  let isAsked: Promise<void>;
  /** What the store answers; not at all while it is undefined. */
  let answerOf: unknown;
  beforeEach(() => {
    answerOf = undefined;
    isAsked = new Promise((resolve) => (asked = resolve));
    util.evaluateNodeProperty = (value, type, node, msg, done) => {
      if (value !== 'stuck') evaluateNodeProperty(value, type, node, msg, done);
      else if (answerOf === undefined) asked();
      else done(null, answerOf);
    };
  });
  afterEach(() => {
    util.evaluateNodeProperty = evaluateNodeProperty;
  });
  const codes = (messages: readonly Message[]) => messages.map(({ error }) => (error as { code: string }).code);
  const close = () => (helper.getNode('toggle0000000001') as unknown as { close(): Promise<void> }).close();
  const stuck = { stateType: 'flow', state: 'stuck' };

  for (const property of ['state', 'deviceId', 'msgId']) {
    it(`msg.reset ends the toggle whose ${property} it is, and those that wait behind it`, async () => {
      const given = { [property]: 'stuck', [`${property}Type`]: 'flow' };
      const flow = await loadFlow(deviceNode(simulator().port), toggleNode(given));
      for (let index = 0; index < 3; index += 1) flow.receive({ payload: true });
      await isAsked;
      flow.receive({ reset: true });
      assert.deepEqual(codes(await flow.got('failure', 3)), ['cancelled', 'cancelled', 'cancelled']);
      answerOf = property === 'state' ? true : 'lamp-7';
      flow.receive({ payload: true });
      await flow.got('success', 1);
    });
  }

  it('a close ends the toggle and its node', async () => {
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode(stuck));
    flow.receive({ payload: true });
    await isAsked;
    await close();
    assert.deepEqual(codes(await flow.got('failure', 1)), ['closed']);
    assert.equal(simulator().receivedPackets.length, 0);
  });

  for (const [title, settings, ids] of [
    ['state', stuck, ['lamp-1']],
    ['members', { membersType: 'flow', members: 'stuck' }, []],
  ] as const) {
    it(`msg.reset and a close end the group whose ${title} it is`, async () => {
      const rows = [{ device_id: 'lamp-1', host: '127.0.0.1', port: simulator().port }];
      const members = { membersType: 'msg', members: 'topic' };
      const flow = await loadFlow(inventoryNode(rows), groupNode({ ...members, ...settings }));
      flow.receive({ payload: true, topic: 'lamp-1' });
      await isAsked;
      flow.receive({ reset: true });
      await flow.got('failure', 1);
      isAsked = new Promise((resolve) => (asked = resolve));
      flow.receive({ payload: true, topic: 'lamp-1' });
      await isAsked;
      await close();
      const failures = await flow.got('failure', 2);
      assert.deepEqual(codes(failures), ['cancelled', 'closed']);
      const verdicts = failures.map(({ phase0 }) => phase0 as { members: Record<string, Verdict> });
      assert.deepEqual(
        verdicts.map((verdict) => Object.keys(verdict.members)),
        [ids, ids],
      );
    });
  }

  it('does not keep the next message of another node', async () => {
    const other = toggleNode({ id: 'toggle0000000002', wires: [['success'], ['failure'], []] });
    const flow = await loadFlow(deviceNode(simulator().port), toggleNode(stuck), other);
    flow.receive({ payload: true });
    await isAsked;
    const packet = once(simulator(), 'packet');
    helper.getNode('toggle0000000002').receive({ payload: true });
    await packet;
    await flow.got('success', 1);
  });
});
