/** What is kept of a reply that has begun, by chunks and by what the replies had that they completed. */
import assert from 'node:assert/strict';
import { BegunReply } from '../../src/protocol/begun-reply';

/** What is kept after chunks, each with the bytes of the replies that it completed. */
function keptOf(...pushes: readonly (readonly [chunk: string, answered: number])[]): string {
  const begun = new BegunReply();
  for (const [chunk, answered] of pushes) begun.push(Buffer.from(chunk), answered);
  return Buffer.from(begun.bytes).toString();
}

describe('a reply that has begun', () => {
  it('grows as long as none is complete', () => {
    assert.equal(keptOf(['ab', 0], ['cdef', 0], ['', 0]), 'abcdef');
  });

  it('is what comes after those that are complete', () => {
    assert.equal(keptOf(['ab', 0], ['cdef', 4]), 'ef');
    assert.equal(keptOf(['ab', 0], ['cdef', 4], ['gh', 3]), 'h');
    assert.equal(keptOf(['abcdef', 4], ['gh', 4]), '');
  });

  it('is counted further than it is kept: 64 bytes', () => {
    const sixty = 'x'.repeat(60);
    assert.equal(keptOf([sixty, 0], ['0123456789', 0]), `${sixty}0123`);
    assert.equal(keptOf([sixty, 0], ['0123456789', 0], ['abcde', 73]), 'de');
  });

  it('is gone once it is cleared', () => {
    const begun = new BegunReply();
    begun.push(Buffer.from('ab'), 0);
    begun.clear();
    assert.equal(begun.bytes.length, 0);
    begun.push(Buffer.from('cdef'), 3);
    assert.equal(Buffer.from(begun.bytes).toString(), 'f');
  });
});
