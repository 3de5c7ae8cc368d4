/** What hundreds of dead devices cost a live one in the same Node-RED: its p99, beside them over alone. */
import { isolationScene } from '../support/isolation';

const DEAD = 500;
const ROUNDS = 3;
const FOR_MS = 10_000;

const percentile = (sorted: readonly number[], p: number) => sorted[Math.ceil((p / 100) * sorted.length) - 1] ?? NaN;

describe(`isolation: one live device beside ${DEAD} dead ones`, function () {
  this.timeout(ROUNDS * 2 * (FOR_MS + 10_000) + 60_000);

  it('p99 of asked → verdict', async () => {
    // Each dead device is asked about every 2 s: about what its two attempts take, so that all are at it all the time.
    const scene = await isolationScene(DEAD, 2000);
    const elapsed: Record<'alone' | 'beside', number[]> = { alone: [], beside: [] };
    try {
      for (let round = 0; round < ROUNDS; round += 1) {
        for (const which of ['alone', 'beside'] as const) {
          const { elapsedMs } = await scene.measure({ beside: which === 'beside', forMs: FOR_MS });
          elapsed[which].push(...elapsedMs);
        }
      }
    } finally {
      await scene.close();
    }
    for (const [which, values] of Object.entries(elapsed)) {
      const sorted = values.toSorted((a, b) => a - b);
      const shown = [50, 95, 99].map((p) => `p${p} ${percentile(sorted, p).toFixed(2)} ms`);
      console.log(`${which}: ${shown.join(', ')} (${sorted.length} toggles)`);
    }
    const p99 = (values: number[]) =>
      percentile(
        values.toSorted((a, b) => a - b),
        99,
      );
    console.log(`p99 beside / alone: ${(p99(elapsed.beside) / p99(elapsed.alone)).toFixed(2)}`);
  });
});
