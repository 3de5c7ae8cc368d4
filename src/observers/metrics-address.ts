/** HTTP server of one address, for all endpoints on it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { callSafely } from '../call-safely';
import type { CancelTimer, Clock } from '../clock';
import { isAllowedHost } from './allowed-host';
import { limitConnections } from './connection-limit';
import type { Exposition } from './exposition';
import { holderOf, hostAndPort, obstacleTo } from './local-address';
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

/** The error of a failed listen has the address that could not be taken. */
type ListenError = NodeJS.ErrnoException & { readonly address?: string };

/** One call of serveMetrics. */
export interface Use extends Endpoint {
  scrapes: number;
  /** Changes when the address turns out to be another spelling of one that is served. */
  address: MetricsAddress;
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

  /** `all` has those of this process that have not ended. */
  constructor(
    readonly host: string,
    readonly port: number,
    private readonly clock: Clock,
    private readonly all: Set<MetricsAddress>,
  ) {
    all.add(this);
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

  /** The last use ends the server. */
  async remove(use: Use): Promise<void> {
    this.uses.delete(use);
    if (this.uses.size > 0) return;
    this.all.delete(this);
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

  private failed(error: ListenError): void {
    // Accepting a scraper can fail if no file handles are left; listening again would throw.
    if (this.server.listening) return notify(this.uses, { kind: 'error', error });
    this.endListen?.();
    if (this.closed) return;
    const taken = error.code === 'EADDRINUSE' ? error.address : undefined;
    // Only now is it known whether a name is another spelling of an address that is served: looking it up before would
    // delay every start, and might give another address.
    const holder = taken === undefined ? undefined : holderOf(taken, this.port, this.all);
    if (holder) return this.moveTo(holder);
    // To join this one would show the metrics on addresses where nobody wanted them, or not on all where they are wanted.
    const obstacle = taken === undefined ? undefined : obstacleTo(taken, this.port, this.all);
    this.cancelRetry = this.clock.after(RETRY_MS, () => this.listen());
    notify(this.uses, { kind: 'busy', error: withObstacle(error, obstacle?.bound), retryInMs: RETRY_MS });
  }

  private moveTo(address: MetricsAddress): void {
    this.closed = true;
    this.all.delete(this);
    for (const use of this.uses) {
      use.address = address;
      address.add(use);
    }
  }

  private notifyListening(uses: Iterable<Use>): void {
    const { port = 0 } = this.bound ?? {};
    for (const use of uses) {
      notify([use], { kind: 'listening', url: `http://${hostAndPort(use.host, port)}${use.path}` });
    }
  }

  private at(path: string | undefined): Use[] {
    return [...this.uses].filter((use) => use.path === path);
  }

  private answer(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?', 1);
    const uses = this.at(path);
    if (uses.length === 0) return refuse(response, 404, 'not found\n');
    const oldest = uses.find(({ host, allowedHosts = [] }) =>
      isAllowedHost(request.headers.host, this.boundTo, [host, ...allowedHosts]),
    );
    if (!oldest) return refuse(response, 403, 'this Host name is not allowed here\n');
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

function withObstacle(error: Error, held: AddressInfo | undefined): Error {
  if (!held) return error;
  const where = hostAndPort(held.address, held.port);
  return new Error(`${error.message} (this process itself serves metrics on ${where})`, { cause: error });
}

function notify(uses: Iterable<Use>, state: ServerState): void {
  for (const { onState } of uses) callSafely(() => onState?.(state), emitWarning);
}

function emitWarning(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
