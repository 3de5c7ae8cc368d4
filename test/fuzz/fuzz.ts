/** `npm run test:fuzz`: hostile inputs, with a bound on memory. */
import { parseArgs } from 'node:util';
import { fuzz, runInput, TARGETS } from './rounds';

const USAGE = `Usage: npm run test:fuzz [-- --inputs <count>] [--seed <number>] [--target <name> [--number <number>]]

Inputs in all (1,000,000 by default). With --number, only that input of the target.
Targets: ${TARGETS.map(({ name }) => name).join(', ')}
`;
/** What a target may hold more at its end than when it was warm. */
const MOST_GROWTH_MIB = 16;
const MIB = 2 ** 20;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      inputs: { type: 'string' },
      seed: { type: 'string' },
      target: { type: 'string' },
      number: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const seed = Number(values.seed ?? 1);
  const targets = TARGETS.filter(({ name }) => name === (values.target ?? name));
  const [only] = targets;
  if (!only) throw new Error(`there is no target ${values.target}`);
  if (values.number !== undefined) {
    await only.start?.();
    await runInput(only, seed, Number(values.number));
    return only.end?.();
  }
  // Most inputs end in an error, most of whose cost is its stack.
  Error.stackTraceLimit = 0;
  for (const target of targets) await fuzzOne(target, seed, Number(values.inputs ?? 1_000_000), targets);
}

async function fuzzOne(
  target: (typeof TARGETS)[number],
  seed: number,
  inputs: number,
  all: typeof TARGETS,
): Promise<void> {
  const begin = performance.now();
  const shares = all.reduce((sum, { share }) => sum + share, 0);
  let warm: number | undefined;
  let most = 0;
  const [count] = (
    await fuzz({
      seed,
      inputs: (inputs * target.share) / shares,
      targets: [target],
      onProgress: () => {
        const held = heapMiB();
        warm ??= held;
        most = Math.max(most, held);
      },
    })
  ).values();
  const grown = most - (warm ?? most);
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(
    `${target.name}: ${count} inputs in ${seconds} s, heap at most ${grown.toFixed(1)} MiB over the first sample`,
  );
  if (grown > MOST_GROWTH_MIB) throw new Error(`${target.name} holds ${grown.toFixed(1)} MiB more`);
}

function heapMiB(): number {
  if (!globalThis.gc) throw new Error('run it with --expose-gc');
  globalThis.gc();
  return process.memoryUsage().heapUsed / MIB;
}
