/** HTTP response to a scrape, with the body encoded and compressed once per shared reading. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';
import type { Exposition } from './exposition';

const compress = promisify(gzip);
// Metrics are so repetitive that the fastest level already compresses them to a tenth.
const QUICKLY = { level: constants.Z_BEST_SPEED };
/** Smaller bodies fit into one packet, so compression gains nothing. */
const MIN_COMPRESSED_BYTES = 1400;
/** What one turn of the event loop hands over to the system, of all responses together. */
const SLICE_BYTES = 64 * 1024;

const plain = new WeakMap<Exposition, Buffer>();
const compressed = new WeakMap<Exposition, Promise<Buffer>>();

/** Answers GET or HEAD with the result of `read` for the scraper's `Accept` header; rejects if `read` fails. */
export async function handleScrape(
  { headers }: IncomingMessage,
  response: ServerResponse,
  read: (accept: string | undefined) => Promise<Exposition>,
): Promise<void> {
  const exposition = await read(headers.accept);
  const bytes = plain.get(exposition) ?? Buffer.from(exposition.text);
  plain.set(exposition, bytes);
  const described = { 'content-type': exposition.contentType, vary: 'Accept, Accept-Encoding' };
  const takesGzip = new Negotiator({ headers }).encoding(['gzip', 'identity']) === 'gzip';
  const { status = 200 } = exposition;
  if (!takesGzip || bytes.length < MIN_COMPRESSED_BYTES) return reply(response, status, bytes, described);
  const zipped = compressed.get(exposition) ?? compress(bytes, QUICKLY);
  compressed.set(exposition, zipped);
  reply(response, status, await zipped, { ...described, 'content-encoding': 'gzip' });
}

/** Sends an error response with a text. */
export function refuse(
  response: ServerResponse,
  status: number,
  words: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  reply(response, status, Buffer.from(words), { 'content-type': 'text/plain; charset=utf-8', ...headers });
}

function reply(response: ServerResponse, status: number, body: Buffer, headers: Record<string, string>): void {
  response.writeHead(status, { 'content-length': String(body.length), ...headers });
  if (response.req.method === 'HEAD') response.end();
  else if (body.length <= SLICE_BYTES) response.end(body);
  else send(body, response);
}

/** Slice by slice, so that toggles do not wait while many scrapers get their megabytes. */
function send(body: Buffer, response: ServerResponse): void {
  const slices = Readable.from(inTurns(body), { objectMode: false });
  // A scraper that goes away needs no more.
  response.on('close', () => slices.destroy());
  slices.pipe(response);
}

async function* inTurns(body: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < body.length; at += SLICE_BYTES) {
    await nextTurn();
    yield body.subarray(at, at + SLICE_BYTES);
  }
}

let lastTurn = Promise.resolve();

/** A turn of the event loop for each call. */
function nextTurn(): Promise<void> {
  const before = lastTurn;
  lastTurn = new Promise((resolve) => void before.then(() => setImmediate(resolve)));
  return lastTurn;
}
