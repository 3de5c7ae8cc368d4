/** One run of random traffic through fault proxies to a device that records what it applied, judged by that record. */
import type { VerdictOutcome } from '../../src/outcomes';
import type { Authority, Credentials } from './certificates';
import { FaultProxy } from './fault-proxy';
import type { ProxyFaults } from './fault-schedule';
import { brokenPromises, type AskedToggle } from './order-oracle';
import { orderTraffic } from './order-traffic';
import { RecordingDevice } from './recording-device';

const FAULTS: ProxyFaults = {
  delay: { chance: 0.05, maxMs: 600 },
  split: 0.05,
  coalesce: 0.05,
  duplicate: 0.01,
  corrupt: 0.003,
  truncate: 0.003,
  reset: 0.005,
  halfOpen: 0.02,
  blackHole: 0.01,
  bandwidth: { chance: 0.02, bytesPerSecond: 20_000 },
  // A chunk may hold an older and a newer command. No client can help it if the network brings both again.
  up: { duplicate: 0 },
};

/** Connections cost the processor more than toggles do, and TLS most. Many lanes share one persistent connection. */
export const ORDER_SCENES = [
  { connection: 'per-toggle', line: 'plain', owners: 6, lanes: 12 },
  { connection: 'per-toggle', line: 'tls', owners: 6, lanes: 12 },
  { connection: 'persistent', line: 'plain', owners: 4, lanes: 48 },
  { connection: 'persistent', line: 'tls', owners: 4, lanes: 48 },
] as const;
export type OrderScene = (typeof ORDER_SCENES)[number];

export interface OrderRunOptions {
  readonly scene: OrderScene;
  readonly seed: number;
  readonly toggles: number;
  /** Of the device, for scenes over TLS. */
  readonly authority: Authority;
  readonly credentials: Credentials;
}

export interface OrderRun {
  readonly asked: readonly AskedToggle[];
  readonly counts: Readonly<Partial<Record<VerdictOutcome, number>>>;
  readonly connections: number;
  /** Connections that the client reset. */
  readonly clientResets: number;
  /** What was promised and not kept, in words. */
  readonly broken: readonly string[];
}

export async function orderRun({ scene, seed, toggles, authority, credentials }: OrderRunOptions): Promise<OrderRun> {
  const { connection, line, owners, lanes } = scene;
  let count = 0;
  const nextNumber = () => (count += 1);
  const device = await RecordingDevice.start({
    nextNumber,
    ...(line === 'tls' && { credentials }),
    // One command in fifty; which one it is does not depend on time.
    refuses: ({ msgId }) => Number(msgId.slice(1)) % 50 === 7,
  });
  const proxies = await Promise.all(
    Array.from({ length: owners }, (_, owner) =>
      FaultProxy.start({ seed: seed * 100 + owner, port: device.port, faults: FAULTS }),
    ),
  );
  const asked = await orderTraffic({
    seed,
    ports: proxies.map(({ port }) => port),
    settings: { connection, reply: 'framed' },
    ...(line === 'tls' && { tls: { ca: authority.cert } }),
    toggles,
    lanes,
    nextNumber,
  });
  const [connections, clientResets] = [sum(proxies, 'connections'), sum(proxies, 'clientResets')];
  for (const proxy of proxies) await proxy.close();
  await device.close();
  return { asked, counts: outcomes(asked), connections, clientResets, broken: brokenPromises(asked, device.record) };
}

function sum(proxies: readonly FaultProxy[], count: 'connections' | 'clientResets'): number {
  return proxies.reduce((total, proxy) => total + proxy[count], 0);
}

function outcomes(asked: readonly AskedToggle[]): Partial<Record<VerdictOutcome, number>> {
  const counts: Partial<Record<VerdictOutcome, number>> = {};
  for (const { verdicts } of asked) {
    for (const { verdict } of verdicts) counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1;
  }
  return counts;
}
