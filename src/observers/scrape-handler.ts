/** HTTP response to a scrape, with the body encoded and compressed once per shared reading. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import Negotiator from 'negotiator';
import type { Exposition } from './exposition';

const compress = promisify(gzip);
// Metrics are so repetitive that the fastest level already compresses them to a tenth.
const QUICKLY = { level: constants.Z_BEST_SPEED };
/** Smaller bodies fit into one packet, so compression gains nothing. */
const MIN_COMPRESSED_BYTES = 1400;

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
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
