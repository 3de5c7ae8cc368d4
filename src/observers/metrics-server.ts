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

/** Each has put itself in, and takes itself out when it ends. */
const addresses = new Set<MetricsAddress>();

/**
 * Serves metrics; a second call for the same address, also if it is spelled otherwise, joins the first one's server. A busy
 * port is retried. If several uses have the same path, the metrics of the oldest one that answers the `Host` are served.
 */
export function serveMetrics(endpoint: Endpoint): MetricsServer {
  const { host, port, clock = systemClock } = endpoint;
  const shared = port === 0 ? undefined : [...addresses].find((each) => each.host === host && each.port === port);
  const address = shared ?? new MetricsAddress(host, port, clock, addresses);
  // A copy, because one object can be served twice, as two uses.
  const use: Use = { ...endpoint, scrapes: 0, address };
  address.add(use);
  let ended: Promise<void> | undefined;
  return {
    get address() {
      return use.address.bound;
    },
    get scrapes() {
      return use.scrapes;
    },
    close: () => (ended ??= use.address.remove(use)),
  };
}
