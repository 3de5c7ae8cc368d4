/** HTTP server of one address, for all endpoints on it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callSafely } from '../call-safely';
import type { CancelTimer, Clock } from '../clock';
import { isAllowedHost } from './allowed-host';
import { limitConnections } from './connection-limit';
import type { Exposition } from './exposition';
import { handleScrape, refuse } from './scrape-handler';

/** State changes of an endpoint. */
export type ServerState =
  | { readonly kind: 'listening'; readonly url: string }
  | { readonly kind: 'busy'; readonly error: Error; readonly retryInMs: number }
  /** `count`: scrapes of this path since this use began. */
  | { readonly kind: 'scraped'; readonly count: number }
  /** A scrape failed or could not be accepted; the server keeps running. */
  | { readonly kind: 'error'; readonly error: Error };

export interface Endpoint {
  readonly host: string;
  /** 0 selects a free port. */
  readonly port: number;
  readonly path: string;
  /**
   * Further `Host` names that are answered while the server is bound to loopback, with or without a port. Loopback names
   * and `host` always are; others get 403.
   */
  readonly allowedHosts?: readonly string[];
  /** The response to a scraper with this `Accept` header. */
  readonly exposition: (accept: string | undefined) => Promise<Exposition>;
  /** If it throws, a warning is emitted. Called at once when the address is shared and served already. */
  readonly onState?: (state: ServerState) => void;
  /** Clock for the retries; a shared address uses the clock of its first use. */
  readonly clock?: Clock;
}

/** One call of serveMetrics. */
export interface Use extends Endpoint {
  scrapes: number;
}

const RETRY_MS = 5000;
/** A scraper that is slower than this with its request is cut off. */
const REQUEST_TIMEOUT_MS = 5000;
/** A scraper that is idle for so long is cut off. */
const IDLE_TIMEOUT_MS = 10_000;
/** Far more than there are scrapers: so many must come in the time of one request to shut a scraper out. */
const MAX_CONNECTIONS = 200;
/** Connections that the system holds until they are accepted; of one too many it drops the first packet. */
const BACKLOG = 4096;

export class MetricsAddress {
  private readonly uses = new Set<Use>();
  private readonly server: Server;
  private listenEnded = Promise.resolve();
  private endListen: (() => void) | undefined;
  private cancelRetry: CancelTimer | undefined;
  private closed = false;
  /** The address of the listening server, also while it answers the last requests. */
  private boundTo = '';

  constructor(
    private readonly host: string,
    private readonly port: number,
    private readonly clock: Clock,
  ) {
    // Node.js looks for slow requests every 30 s by default, long after they are due.
    const options = { connectionsCheckingInterval: REQUEST_TIMEOUT_MS / 2, requestTimeout: REQUEST_TIMEOUT_MS };
    this.server = createServer(options, (request, response) => this.answer(request, response));
    this.server.headersTimeout = REQUEST_TIMEOUT_MS;
    this.server.keepAliveTimeout = IDLE_TIMEOUT_MS;
    this.server.setTimeout(IDLE_TIMEOUT_MS);
    limitConnections(this.server, MAX_CONNECTIONS);
    this.server.on('listening', () => {
      this.boundTo = this.bound?.address ?? '';
      this.endListen?.();
      this.notifyListening(this.uses);
    });
    this.server.on('error', (error) => this.failed(error));
    this.listen();
  }

  get bound(): AddressInfo | undefined {
    return (this.server.address() as AddressInfo | null) ?? undefined;
  }

  add(use: Use): void {
    this.uses.add(use);
    if (this.server.listening) this.notifyListening([use]);
  }

  /** Returns whether others still use the address. */
  remove(use: Use): boolean {
    this.uses.delete(use);
    return this.uses.size > 0;
  }

  async close(): Promise<void> {
    this.closed = true;
    this.cancelRetry?.();
    // A port cannot be freed while the server is still binding it.
    await this.listenEnded;
    if (!this.server.listening) return;
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  private listen(): void {
    this.listenEnded = new Promise((resolve) => {
      this.endListen = resolve;
    });
    this.server.listen({ port: this.port, host: this.host, backlog: BACKLOG });
  }

  private failed(error: Error): void {
    // Accepting a scraper can fail if no file handles are left; listening again would throw.
    if (this.server.listening) return notify(this.uses, { kind: 'error', error });
    this.endListen?.();
    if (this.closed) return;
    this.cancelRetry = this.clock.after(RETRY_MS, () => this.listen());
    notify(this.uses, { kind: 'busy', error, retryInMs: RETRY_MS });
  }

  private notifyListening(uses: Iterable<Use>): void {
    const host = this.host.includes(':') ? `[${this.host}]` : this.host;
    const origin = `http://${host}:${this.bound?.port}`;
    for (const use of uses) notify([use], { kind: 'listening', url: origin + use.path });
  }

  private at(path: string | undefined): Use[] {
    return [...this.uses].filter((use) => use.path === path);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?', 1);
    const [oldest] = this.at(path);
    if (!oldest) return refuse(response, 404, 'not found\n');
    if (!isAllowedHost(request.headers.host, this.boundTo, [oldest.host, ...(oldest.allowedHosts ?? [])])) {
      return refuse(response, 403, 'this Host name is not allowed here\n');
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      return refuse(response, 405, 'only GET and HEAD\n', { allow: 'GET, HEAD' });
    }
    void this.scrape(oldest, request, response);
  }

  /** Notifies the uses of the path after the read, because a use may end during it. */
  private async scrape(use: Endpoint, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { path, exposition } = use;
    try {
      await handleScrape(request, response, exposition);
    } catch (cause) {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      refuse(response, 500, 'the metrics could not be read\n');
      return notify(this.at(path), { kind: 'error', error });
    }
    for (const each of this.at(path)) notify([each], { kind: 'scraped', count: (each.scrapes += 1) });
  }
}

function notify(uses: Iterable<Use>, state: ServerState): void {
  for (const { onState } of uses) callSafely(() => onState?.(state), emitWarning);
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
