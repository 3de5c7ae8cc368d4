/** Order through a network that delays and breaks connections: nothing older is applied after something newer. */
import assert from 'node:assert/strict';
import { VERDICT_OUTCOMES } from '../../src/outcomes';
import { Authority, type Credentials } from '../support/certificates';
import { ORDER_SCENES, orderRun } from '../support/order-run';

const TOGGLES = Number(process.env.PHASE0_ORDER_TOGGLES ?? 50_000);
const SEED = Number(process.env.PHASE0_ORDER_SEED ?? 12);

/** Of the toggles, for each scene. */
const SHARES = [0.1, 0.06, 0.42, 0.42];

describe(`order, ${TOGGLES} toggles through a network with every fault, seed ${SEED} (PHASE0_ORDER_SEED)`, function () {
  this.timeout(600_000);
  let authority: Authority;
  let credentials: Credentials;
  before(async () => {
    authority = await Authority.create();
    credentials = await authority.issue({ names: ['127.0.0.1'] });
  });

  for (const [index, scene] of ORDER_SCENES.entries()) {
    const { connection, line } = scene;
    it(`${connection}, ${line}: every verdict is true, and nothing overtakes`, async () => {
      const seed = SEED * ORDER_SCENES.length + index;
      const toggles = Math.ceil(TOGGLES * (SHARES[index] ?? 0));
      const run = await orderRun({ scene, seed, toggles, authority, credentials });
      const { asked, counts, connections, clientResets, broken } = run;
      console.log(
        `      ${connection}, ${line}: ${JSON.stringify(counts)}; ${connections} connections, ${clientResets} reset`,
      );
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
