import assert from 'node:assert/strict';
import { StopSignal } from '../../src/stop-signal';

describe('a stop signal', () => {
  it('has no reason until it stops, and keeps the first one', () => {
    const signal = new StopSignal();
    assert.equal(signal.reason, undefined);
    signal.stop('cancelled');
    signal.stop('closed');
    assert.equal(signal.reason, 'cancelled');
  });

  it('calls the listener of the latest step, once', () => {
    const signal = new StopSignal();
    const calls: string[] = [];
    signal.onStop(() => calls.push('first'));
    signal.onStop(() => calls.push('second'));
    signal.stop('cancelled');
    signal.stop('closed');
    assert.deepEqual(calls, ['second']);
  });

  it('does not lose the listener of a step to the late end of the step before it', () => {
    const signal = new StopSignal();
    const calls: string[] = [];
    const first = () => calls.push('first');
    const second = () => calls.push('second');
    signal.onStop(first);
    signal.onStop(second);
    signal.removeListener(first);
    signal.stop('cancelled');
    assert.deepEqual(calls, ['second']);
  });

  it('calls nothing after the listener was removed', () => {
    const signal = new StopSignal();
    const calls: string[] = [];
    const listener = () => calls.push('called');
    signal.onStop(listener);
    signal.removeListener(listener);
    signal.stop('cancelled');
    assert.deepEqual(calls, []);
  });
});
