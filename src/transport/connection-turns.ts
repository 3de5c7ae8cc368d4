/**
 * When the next connection to an address may begin. Many devices take one connection at a time and refuse a second one
 * until the last one has ended. So a lane waits for the end of its own last connection; and once a device has refused a
 * connection while it served another one, all lanes of that address take turns.
 */
import type { Clock } from '../clock';
import type { StopSignal } from '../stop-signal';
import { TransientMap } from '../transient';
import type { Endpoint } from './socket';

/** Longest wait for the end of a connection that was closed. */
const MAX_WAIT_MS = 500;
/** After this time a second connection is tried again, because the refusal may have had another reason. */
const TAKES_ONE_FOR_MS = 600_000;

/** One connection, from the permission to begin until its socket is freed. */
export interface Turn {
  connected(): void;
  /** No connection came about. */
  refused(): void;
  /** The socket is freed; calling it twice is fine. */
  end(): void;
}

/** State of one address. */
interface Address {
  /** Connections that have a turn. */
  users: number;
  /** Connections that the device has accepted and that are not freed. */
  connected: number;
  /** Connections that did not come about. */
  refusals: number;
  takesOneUntil: number;
  /** The end of every connection so far: an older one may outlast a newer one. */
  last: Promise<void>;
}

/** Addresses by host and port; an entry lives as long as a connection to it, or as it is known to take one at a time. */
export type Addresses = Map<string, Address>;

/** All transports of the process share what they learn: two config nodes may name one device. */
const shared: Addresses = new Map();

export class ConnectionTurns {
  /** The end of the connections of each lane so far. */
  private readonly lanes = new TransientMap<string, Promise<void>>();
  private readonly key: string;

  constructor(
    { host, port }: Endpoint,
    private readonly clock: Clock,
    private readonly addresses: Addresses = shared,
  ) {
    this.key = `${host} ${port}`;
  }

  /** Resolves when a connection for this lane may begin: after 500 ms or when `signal` stops at the latest. */
  async next(lane: string, signal: StopSignal): Promise<Turn> {
    const address = this.address();
    const ofLane = this.lanes.get(lane);
    const before = address.takesOneUntil > this.clock.now() ? address.last : ofLane;
    let markEnded: () => void = () => undefined;
    const ended = new Promise<void>((resolve) => {
      markEnded = resolve;
    });
    // A turn that is given up while it waits ends before those that it waits for.
    const last = ofLane ? ofLane.then(() => ended) : ended;
    this.lanes.set(lane, last);
    void last.then(() => {
      if (this.lanes.get(lane) === last) this.lanes.delete(lane);
    });
    address.last = address.last.then(() => ended);
    address.users += 1;
    if (before) await this.endOf(before, signal);
    let state: 'begun' | 'connected' | 'ended' = 'begun';
    const refusalsBefore = address.refusals;
    const takesOne = () => {
      address.takesOneUntil = this.clock.now() + TAKES_ONE_FOR_MS;
    };
    return {
      connected: () => {
        if (state !== 'begun') return;
        state = 'connected';
        address.connected += 1;
        // Of several that begin at the same time, the device takes one, which may be heard of after the refusals.
        if (address.refusals !== refusalsBefore) takesOne();
      },
      refused: () => {
        address.refusals += 1;
        if (address.connected > 0) takesOne();
      },
      end: () => {
        if (state === 'ended') return;
        if (state === 'connected') address.connected -= 1;
        state = 'ended';
        address.users -= 1;
        this.forgetUnused(address);
        markEnded();
      },
    };
  }

  private endOf(connection: Promise<void>, signal: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.reason !== undefined) return resolve();
      const go = (): void => {
        cancelTimer();
        signal.removeListener(go);
        resolve();
      };
      const cancelTimer = this.clock.after(MAX_WAIT_MS, go);
      signal.onStop(go);
      void connection.then(go);
    });
  }

  private address(): Address {
    const known = this.addresses.get(this.key);
    if (known) return known;
    const address = { users: 0, connected: 0, refusals: 0, takesOneUntil: -Infinity, last: Promise.resolve() };
    this.addresses.set(this.key, address);
    return address;
  }

  private forgetUnused({ users, takesOneUntil }: Address): void {
    if (users === 0 && takesOneUntil <= this.clock.now()) this.addresses.delete(this.key);
  }
}
