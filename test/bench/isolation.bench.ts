/** What hundreds of dead devices cost a live one in the same Node-RED: its p99, beside them over alone. */
import { isolationScene } from '../support/isolation';

const DEAD = 500;
const ROUNDS = 4;
const FOR_MS = 10_000;

const percentile = (sorted: readonly number[], p: number) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? NaN;

describe(`isolation: one live device beside ${DEAD} dead ones, a third each refused, black-holed, silent`, function () {
  this.timeout(ROUNDS * 2 * (FOR_MS + 10_000) + 60_000);

  for (const [what, everyMs] of [
    ['each asked about every 5 s', 5000],
    // The two attempts on a silent device take 3.3 s, so that their lanes fill up.
    ['each asked about every 2 s, more than a dead device can fail', 2000],
  ] as const) {
    it(what, async () => {
      const { alone, beside } = await measured(everyMs);
      for (const [which, values] of Object.entries({ alone, beside })) {
        const shown = [50, 95, 99].map((p) => `p${p} ${percentile(values, p).toFixed(2)} ms`);
        console.log(`${which}: ${shown.join(', ')} (${values.length} toggles, asked → verdict)`);
      }
      console.log(`p99 beside / alone: ${(percentile(beside, 99) / percentile(alone, 99)).toFixed(2)}`);
    });
  }
});

async function measured(everyMs: number): Promise<Record<'alone' | 'beside', number[]>> {
  const scene = await isolationScene(DEAD, everyMs);
  const elapsed: Record<'alone' | 'beside', number[]> = { alone: [], beside: [] };
  try {
    // By turns, so that what else the machine does falls on both.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const which of ['alone', 'beside'] as const) {
        const { elapsedMs } = await scene.measure({ beside: which === 'beside', forMs: FOR_MS });
        elapsed[which].push(...elapsedMs);
      }
    }
  } finally {
    await scene.close();
  }
  for (const values of Object.values(elapsed)) values.sort((a, b) => a - b);
  return elapsed;
}
