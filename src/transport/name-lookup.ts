/** Name look-ups that do not delay each other: one at a time for each name, and few for slow or failing names. */
import { lookup, type LookupAddress } from 'node:dns';
import { Resolver } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { systemClock, type Clock } from '../clock';
import { directLookup } from './direct-lookup';

type Callback = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
/** Resolves one name to all its addresses, as `dns.lookup` does with `all`. */
type Resolve = (name: string, callback: Callback) => void;

/**
 * Maximum number of concurrent look-ups. Node.js runs them on the four threads of libuv and lets slow work use two; a
 * third one would wait without notice, and more would block the file system and cryptography of the whole process.
 */
const MAX_LOOKUPS = 2;
/** Maximum for names whose last look-up failed or is slow, so that one place always remains for healthy names. */
const MAX_TROUBLED = 1;
/** A name whose look-up takes longer counts as troubled. */
const SLOW_MS = 500;
/** Maximum number of concurrent questions to DNS servers while no thread is free. */
const MAX_DIRECT = 100;
/** Number of remembered troubled names. */
const MAX_TROUBLED_NAMES = 1000;

/** Shares look-ups by name, and prevents troubled names from delaying the others. */
export class NameLookups {
  private readonly callbacks = new Map<string, Callback[]>();
  private readonly queue: string[] = [];
  private readonly running = new Set<string>();
  private readonly troubled = new Set<string>();
  /** Names that DNS servers are asked for. */
  private readonly direct = new Set<string>();

  /** `resolve` uses a thread; `resolveDirectly` does not, but knows fewer names. */
  constructor(
    private readonly resolve: Resolve,
    private readonly resolveDirectly: (name: string) => Promise<LookupAddress[]>,
    private readonly clock: Clock,
  ) {}

  /** Calls `callback` with the addresses of `name`; several calls for one name share one look-up. */
  lookUp(name: string, callback: Callback): void {
    const waiting = this.callbacks.get(name);
    if (waiting) return void waiting.push(callback);
    this.callbacks.set(name, [callback]);
    if (!this.running.has(name)) this.queue.push(name);
    this.startNext();
  }

  private startNext(): void {
    // Slow look-ups keep their threads, but healthy names may still use one thread more than the limit.
    const troubled = [...this.running].filter((name) => this.troubled.has(name)).length;
    const healthy = this.running.size - troubled;
    const next = this.queue.findIndex((name) =>
      this.troubled.has(name) ? troubled < MAX_TROUBLED : healthy < MAX_LOOKUPS - MAX_TROUBLED,
    );
    if (troubled >= MAX_LOOKUPS) this.askDirectly();
    if (next === -1) return;
    const [name] = this.queue.splice(next, 1) as [string];
    this.run(name);
    this.startNext();
  }

  private run(name: string): void {
    this.running.add(name);
    const cancelSlow = this.clock.after(SLOW_MS, () => {
      this.markTroubled(name);
      this.startNext();
    });
    this.resolve(name, (error, addresses) => {
      cancelSlow();
      this.running.delete(name);
      if (error) this.markTroubled(name);
      else this.troubled.delete(name);
      this.startNext();
      this.settle(name, error, addresses);
    });
  }

  /** Slow look-ups hold every thread: a name that waits for one may still be known to DNS. */
  private askDirectly(): void {
    for (const name of this.queue) {
      if (this.direct.size >= MAX_DIRECT) return;
      if (this.direct.has(name)) continue;
      this.direct.add(name);
      void this.resolveDirectly(name)
        .then(
          (addresses) => this.settle(name, null, addresses),
          // It goes on waiting for a thread.
          () => undefined,
        )
        .finally(() => this.direct.delete(name));
    }
  }

  private settle(name: string, error: Parameters<Callback>[0], addresses: LookupAddress[]): void {
    const callbacks = this.callbacks.get(name) ?? [];
    this.callbacks.delete(name);
    const waiting = this.queue.indexOf(name);
    if (waiting !== -1) this.queue.splice(waiting, 1);
    for (const callback of callbacks) callback(error, addresses);
  }

  private markTroubled(name: string): void {
    this.troubled.add(name);
    if (this.troubled.size <= MAX_TROUBLED_NAMES) return;
    const [oldest] = this.troubled;
    if (oldest !== undefined) this.troubled.delete(oldest);
  }
}

const resolver = new Resolver({ timeout: 2000, tries: 2 });
const shared = new NameLookups(
  (name, callback) => lookup(name, { all: true }, callback),
  (name) => directLookup(resolver, name),
  systemClock,
);

/** For the `lookup` option of node:net. */
export const lookUp: LookupFunction = (name, options, callback) => {
  shared.lookUp(name, (error, addresses) => {
    const wanted = options.family === 4 || options.family === 6 ? options.family : undefined;
    const usable = wanted ? addresses?.filter(({ family }) => family === wanted) : addresses;
    const [first] = usable ?? [];
    if (error || !first) {
      callback(error ?? Object.assign(new Error(`${name} has no address`), { code: 'ENOTFOUND' }), '');
    } else if (options.all) callback(null, usable);
    else callback(null, first.address, first.family);
  });
};
