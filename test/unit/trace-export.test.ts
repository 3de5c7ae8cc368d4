/** The export of the trace to a client that reads slowly. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { writeExport } from '../../nodes/trace/export';
import type { AdminResponse } from '../../nodes/red';
import type { ToggleTimeline } from '../../src/trace/toggle-timeline';

/** Takes one chunk at a time. */
class SlowResponse extends EventEmitter {
  readonly chunks: unknown[] = [];
  most = 0;
  isEnded = false;

  set(): void {}

  write(chunk: unknown): boolean {
    this.chunks.push(chunk);
    setImmediate(() => {
      this.most = Math.max(this.most, this.listenerCount('close'), this.listenerCount('drain'));
      this.emit(this.chunks.length === this.closesAfter ? 'close' : 'drain');
    });
    return false;
  }

  end(): void {
    this.isEnded = true;
  }

  constructor(private readonly closesAfter = Infinity) {
    super();
  }
}

describe('export of the trace', () => {
  const timelines = Array.from({ length: 100 }, (_, seq) => ({ seq }) as ToggleTimeline);
  const exportTo = (response: SlowResponse) => writeExport(response as unknown as AdminResponse, 'jsonl', timelines);

  it('gives a slow client everything, and leaves no listener behind for each wait', async () => {
    const response = new SlowResponse();
    await exportTo(response);
    assert.equal(response.chunks.length, 100);
    assert.ok(response.isEnded);
    assert.ok(response.most <= 2, `${response.most} listeners`);
    assert.equal(response.listenerCount('drain'), 0);
  });

  it('ends with a client that is gone', async () => {
    const response = new SlowResponse(10);
    await exportTo(response);
    assert.equal(response.chunks.length, 10);
    assert.ok(!response.isEnded);
  });
});
