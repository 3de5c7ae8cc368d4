/** Metrics endpoints: each use of one address shares its HTTP server. */
import type { AddressInfo } from 'node:net';
import { systemClock } from '../clock';
import { MetricsAddress, type Endpoint, type Use } from './metrics-address';

export type { Endpoint, ServerState } from './metrics-address';

export interface MetricsServer {
  /** The address that the server listens on; absent while it does not listen. */
  readonly address: AddressInfo | undefined;
  /** Scrapes of this path since this use began. */
  readonly scrapes: number;
  /** Ends this use of the address. The last one frees the port and disconnects hanging scrapers. Repeated calls do nothing. */
  close(): Promise<void>;
}

const addresses = new Map<string, MetricsAddress>();

/**
 * Serves metrics; a second call for the same address joins the first one's server. A busy port is retried.
 * If several uses have the same path, the metrics of the oldest one are served.
 */
export function serveMetrics(endpoint: Endpoint): MetricsServer {
  const { host, port, clock = systemClock } = endpoint;
  const key = `${host} ${port}`;
  const shared = port === 0 ? undefined : addresses.get(key);
  const address = shared ?? new MetricsAddress(host, port, clock);
  if (!shared && port !== 0) addresses.set(key, address);
  // A copy, because one object can be served twice, as two uses.
  const use: Use = { ...endpoint, scrapes: 0 };
  address.add(use);
  const end = (): Promise<void> => {
    if (address.remove(use)) return Promise.resolve();
    if (addresses.get(key) === address) addresses.delete(key);
    return address.close();
  };
  let ended: Promise<void> | undefined;
  return {
    get address() {
      return address.bound;
    },
    get scrapes() {
      return use.scrapes;
    },
    close: () => (ended ??= end()),
  };
}
