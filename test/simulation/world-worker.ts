/** A process of `npm run simulate -- --jobs`: runs the worlds that it is told, and answers with their figures. */
import type { Batch } from './jobs';
import { figuresOf, type WorldFigures } from './world-figures';

// Ctrl-C goes to all processes; the first one ends the others when it has its sum.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit());
process.on('message', (batch: Batch) => void run(batch));

async function run({ firstSeed, worlds }: Batch): Promise<void> {
  const all: WorldFigures[] = [];
  for (let seed = firstSeed; seed < firstSeed + worlds; seed += 1) all.push(await figuresOf(seed));
  process.send?.(all);
}
