import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { handleScrape } from '../../src/observers/scrape-handler';

const KIB = 1024;
const exposition = { text: 'up 1\n'.repeat(60 * KIB), contentType: 'text/plain' };

/** A response that notes in which turn of the event loop it got how many bytes. */
class FakeResponse extends Writable {
  readonly req = { method: 'GET' };
  readonly chunks: Buffer[] = [];

  constructor(private readonly onBytes: (bytes: number) => void) {
    super();
  }

  writeHead(): void {}

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk);
    this.onBytes(chunk.length);
    done();
  }
}

async function scrape(response: FakeResponse): Promise<void> {
  const request = { headers: {} } as IncomingMessage;
  await handleScrape(request, response as unknown as ServerResponse, () => Promise.resolve(exposition));
}

describe('a scrape of many series', () => {
  it('is handed over in slices, one for each turn of the event loop, of all scrapers together', async () => {
    let inThisTurn = 0;
    let most = 0;
    const count = (bytes: number) => {
      inThisTurn += bytes;
      most = Math.max(most, inThisTurn);
    };
    let isDone = false;
    const watch = (): void => {
      inThisTurn = 0;
      if (!isDone) setImmediate(watch);
    };
    setImmediate(watch);
    const responses = Array.from({ length: 5 }, () => new FakeResponse(count));
    await Promise.all(responses.map((response) => Promise.all([scrape(response), finished(response)])));
    isDone = true;
    for (const { chunks } of responses) assert.equal(Buffer.concat(chunks).toString(), exposition.text);
    assert.ok(most <= 128 * KIB, `${most} bytes in one turn`);
  });

  it('goes on for the others when one scraper goes away, and when one does not read', async () => {
    const [leaving, other] = [new FakeResponse(() => undefined), new FakeResponse(() => undefined)];
    const stuck = new FakeResponse(() => undefined);
    stuck._write = () => undefined;
    leaving._write = () => leaving.destroy();
    await Promise.all([leaving, stuck, other].map((response) => scrape(response)));
    await finished(other);
    assert.equal(Buffer.concat(other.chunks).toString(), exposition.text);
    assert.equal(leaving.destroyed, true);
    stuck.destroy();
  });
});
