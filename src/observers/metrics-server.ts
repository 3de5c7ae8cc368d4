/** Owns the metrics endpoint: one HTTP server for each address, however often it is asked for. Knows no metrics. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock, type CancelTimer, type Clock } from '../clock';

/** What becomes of an endpoint; told as it happens. */
export type ServerState =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'busy'; readonly error: Error; readonly retryInMs: number }
  | { readonly kind: 'scraped'; readonly count: number }
  | { readonly kind: 'error'; readonly error: Error };

export interface Endpoint {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly path: string;
  readonly text: () => Promise<string>;
  readonly contentType: string;
  readonly onState?: (state: ServerState) => void;
  readonly clock?: Clock;
}

export interface MetricsServer {
  /** Ends this use of the address; the last one frees the port, also from scrapers that hang. */
  close(): Promise<void>;
}

const RETRY_MS = 5000;
/** A scraper that is slower than this with its request, or idle for so long, is cut off. */
const SCRAPER_TIMEOUT_MS = 10_000;
const MAX_SCRAPERS = 200;

const addresses = new Map<string, Address>();

/** Serves metrics; a second call for the same address joins the first one's server. A busy port is tried again. */
export function serveMetrics(endpoint: Endpoint): MetricsServer {
  const key = `${endpoint.host} ${endpoint.port}`;
  const shared = endpoint.port === 0 ? undefined : addresses.get(key);
  const address = shared ?? new Address(endpoint.host, endpoint.port, endpoint.clock ?? systemClock);
  if (!shared && endpoint.port !== 0) addresses.set(key, address);
  address.add(endpoint);
  return {
    close() {
      if (address.remove(endpoint)) return Promise.resolve();
      if (addresses.get(key) === address) addresses.delete(key);
      return address.close();
    },
  };
}

/** One address, and all that is served there. */
class Address {
  private readonly endpoints = new Set<Endpoint>();
  private readonly server: Server;
  private cancelRetry: CancelTimer | undefined;
  private closed = false;
  private scrapes = 0;

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly clock: Clock,
  ) {
    this.server = createServer((request, response) => this.answer(request, response));
    this.server.requestTimeout = SCRAPER_TIMEOUT_MS;
    this.server.headersTimeout = SCRAPER_TIMEOUT_MS;
    this.server.setTimeout(SCRAPER_TIMEOUT_MS);
    this.server.maxConnections = MAX_SCRAPERS;
    this.server.on('listening', () => this.tellListening(this.endpoints));
    this.server.on('error', (error) => this.retryLater(error));
    this.listen();
  }

  add(endpoint: Endpoint): void {
    this.endpoints.add(endpoint);
    if (this.server.listening) this.tellListening([endpoint]);
  }

  /** Returns whether others still use the address. */
  remove(endpoint: Endpoint): boolean {
    this.endpoints.delete(endpoint);
    return this.endpoints.size > 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelRetry?.();
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private listen(): void {
    this.server.listen(this.port, this.host, () => {
      // A close while the port was being taken found nothing to close yet.
      if (this.closed) this.server.close();
    });
  }

  private retryLater(error: Error): void {
    if (this.closed) return;
    this.cancelRetry = this.clock.after(RETRY_MS, () => this.listen());
    for (const { onState } of this.endpoints) onState?.({ kind: 'busy', error, retryInMs: RETRY_MS });
  }

  private tellListening(endpoints: Iterable<Endpoint>): void {
    const { port } = this.server.address() as AddressInfo;
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    for (const { path, onState } of endpoints) onState?.({ kind: 'listening', url: `http://${host}:${port}${path}` });
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?', 1);
    const endpoint = [...this.endpoints].find((each) => each.path === path);
    if (!endpoint) return reply(response, 404, 'not found\n');
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return reply(response, 405, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    }
    endpoint.text().then(
      (text) => {
        reply(response, 200, text, { 'content-type': endpoint.contentType });
        this.scrapes += 1;
        for (const { onState } of this.endpoints) onState?.({ kind: 'scraped', count: this.scrapes });
      },
      (error: Error) => {
        reply(response, 500, 'the metrics could not be read\n');
        endpoint.onState?.({ kind: 'error', error });
      },
    );
  }
}

function reply(response: ServerResponse, status: number, body: string, headers: Record<string, string> = {}): void {
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': length, ...headers });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
