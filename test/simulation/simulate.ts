/** `npm run simulate`: runs worlds until the figures asked for are reached, or a law is broken. */
import { parseArgs } from 'node:util';
import { campaign } from './campaign';
import { reportOn } from './report';

const USAGE = `Usage: npm run simulate [-- --seed <number>] [--steps <toggles>] [--hours <device-hours>] [--brief]

Runs the core in simulated worlds, one for each seed. With --seed alone, that world and no other; otherwise from that
seed on until so many toggles, or so many simulated hours of devices, are reached. 20,000 toggles by default.
A violation is shrunk and printed with its seed, or with --brief only named; the exit code is then 1.
`;
const DEFAULT_STEPS = 20_000;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      steps: { type: 'string' },
      hours: { type: 'string' },
      brief: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const isOne = values.seed !== undefined && values.steps === undefined && values.hours === undefined;
  const result = await campaign({
    firstSeed: Number(values.seed ?? 1),
    worlds: isOne ? 1 : Infinity,
    toggles: Number(values.steps ?? (values.hours === undefined && !isOne ? DEFAULT_STEPS : Infinity)),
    deviceHours: Number(values.hours ?? Infinity),
  });
  console.log(result.summary);
  if (result.brokenBy === undefined) return;
  if (values.brief) console.log(`LAW ${result.law}`);
  else console.log(await reportOn(result.brokenBy));
  process.exitCode = 1;
}
