/**
 * `npm run test:faults`: random traffic over real sockets through a network with every fault, with another seed each time.
 * Fails if a promise is broken, and names the seed that repeats the schedule of the faults.
 */
import { parseArgs } from 'node:util';
import { Authority } from '../support/certificates';
import { ORDER_SCENES, orderRun, type OrderScene } from '../support/order-run';

const USAGE = `Usage: npm run test:faults [-- --seeds <count>] [--from <seed>] [--toggles <count>]

Toggles (1,000 by default) for each of so many seeds (200 by default): over plain TCP and TLS, with a connection for each
toggle and with persistent ones, by turns. A device records what it applied, and judges the verdicts.
`;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string' },
      from: { type: 'string' },
      toggles: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const [seeds, from, toggles] = [
    Number(values.seeds ?? 200),
    Number(values.from ?? 1),
    Number(values.toggles ?? 1000),
  ];
  const begin = performance.now();
  const authority = await Authority.create();
  const credentials = await authority.issue({ names: ['127.0.0.1'] });
  const counts: Record<string, number> = {};
  let broken = 0;
  for (let seed = from; seed < from + seeds; seed += 1) {
    const scene = ORDER_SCENES[seed % ORDER_SCENES.length] as OrderScene;
    const run = await orderRun({ scene, seed, toggles, authority, credentials });
    for (const [outcome, count] of Object.entries(run.counts)) counts[outcome] = (counts[outcome] ?? 0) + count;
    broken += run.broken.length;
    const words = `seed ${seed}: ${scene.connection}, ${scene.line}: ${JSON.stringify(run.counts)}`;
    console.log(`${words}; ${run.connections} connections, ${run.clientResets} reset`);
    for (const promise of run.broken) console.log(`  BROKEN ${promise}`);
  }
  const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
  const seconds = ((performance.now() - begin) / 1000).toFixed(0);
  const kept = broken === 0 ? 'no promise broken' : `${broken} promises broken`;
  console.log(`${seeds} seeds, ${total} toggles in ${seconds} s: ${JSON.stringify(counts)}, ${kept}`);
  if (broken > 0) process.exitCode = 1;
}
