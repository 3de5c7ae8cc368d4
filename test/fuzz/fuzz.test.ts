/** Hostile inputs, some thousands with each run; `npm run test:fuzz` has as many as are asked for. */
import { fuzz, TARGETS } from './rounds';

const INPUTS = 20_000;
/** Sockets take longer, so that they have inputs of their own. */
const AT_LEAST = 100;

describe('fuzzing', function () {
  this.timeout(120_000);

  for (const target of TARGETS) {
    it(`of ${target.name} finds nothing that is not documented`, async () => {
      const inputs = Math.max(AT_LEAST, (INPUTS * target.share) / 1000);
      await fuzz({ seed: 1, inputs, targets: [target] });
    });
  }
});
