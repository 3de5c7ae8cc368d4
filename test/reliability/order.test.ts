/** Order through a network that delays and breaks connections: nothing older is applied after something newer. */
import assert from 'node:assert/strict';
import { VERDICT_OUTCOMES } from '../../src/outcomes';
import { Authority, type Credentials } from '../support/certificates';
import { FaultProxy } from '../support/fault-proxy';
import type { ProxyFaults } from '../support/fault-schedule';
import { brokenPromises, type AskedToggle } from '../support/order-oracle';
import { orderTraffic } from '../support/order-traffic';
import { RecordingDevice } from '../support/recording-device';

const TOGGLES = Number(process.env.PHASE0_ORDER_TOGGLES ?? 50_000);
const SEED = Number(process.env.PHASE0_ORDER_SEED ?? 12);

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
const SCENES = [
  { connection: 'per-toggle', line: 'plain', share: 0.1, owners: 6, lanes: 12 },
  { connection: 'per-toggle', line: 'tls', share: 0.06, owners: 6, lanes: 12 },
  { connection: 'persistent', line: 'plain', share: 0.42, owners: 4, lanes: 48 },
  { connection: 'persistent', line: 'tls', share: 0.42, owners: 4, lanes: 48 },
] as const;

describe(`order, ${TOGGLES} toggles through a network with every fault, seed ${SEED} (PHASE0_ORDER_SEED)`, function () {
  this.timeout(600_000);
  let authority: Authority;
  let credentials: Credentials;
  before(async () => {
    authority = await Authority.create();
    credentials = await authority.issue({ names: ['127.0.0.1'] });
  });

  for (const [index, { connection, line, share, owners, lanes }] of SCENES.entries()) {
    it(`${connection}, ${line}: every verdict is true, and nothing overtakes`, async () => {
      const seed = SEED * SCENES.length + index;
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
        toggles: Math.ceil(TOGGLES * share),
        lanes,
        nextNumber,
      });
      const [connections, clientResets] = [sum(proxies, 'connections'), sum(proxies, 'clientResets')];
      for (const proxy of proxies) await proxy.close();
      await device.close();
      const counts = outcomes(asked);
      console.log(
        `      ${connection}, ${line}: ${JSON.stringify(counts)}; ${connections} connections, ${clientResets} reset`,
      );
      const broken = brokenPromises(asked, device.record);
      assert.deepEqual(broken.slice(0, 20), [], `seed ${SEED}: ${broken.length} broken promises`);
      // The traffic met what it was meant to meet.
      for (const outcome of VERDICT_OUTCOMES) {
        assert.ok((counts[outcome] ?? 0) > asked.length / 1000, `${outcome}: ${counts[outcome]}`);
      }
      assert.ok((counts.confirmed ?? 0) > asked.length / 5, `${counts.confirmed} confirmed`);
      assert.ok(clientResets > 50, `${clientResets} resets`);
    });
  }
});

function sum(proxies: readonly FaultProxy[], count: 'connections' | 'clientResets'): number {
  return proxies.reduce((total, proxy) => total + proxy[count], 0);
}

function outcomes(asked: readonly AskedToggle[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { verdicts } of asked) {
    for (const { verdict } of verdicts) counts[verdict.outcome] = (counts[verdict.outcome] ?? 0) + 1;
  }
  return counts;
}
