/** `npm run simulate`: runs worlds until the figures asked for are reached, or a law is broken. */
import { parseArgs } from 'node:util';
import { campaign, type CampaignSum } from './campaign';
import { worldsOfJobs } from './jobs';
import { reportOn } from './report';

const USAGE = `Usage: npm run simulate [-- --seed <number>] [--steps <toggles>] [--hours <device-hours>] [--jobs <processes>] [--brief]

Runs the core in simulated worlds, one for each seed. With --seed alone, that world and no other; otherwise from that
seed on until so many toggles, or so many simulated hours of devices, are reached. 20,000 toggles by default.
With --jobs, in several processes; the sum is the same. Ctrl-C ends it, with the sum of the worlds so far.
A violation is shrunk and printed with its seed, or with --brief only named; the exit code is then 1.
`;
const DEFAULT_STEPS = 20_000;
/** A run that takes longer says now and then how far it is. */
const PROGRESS_MS = 60_000;

void main();

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seed: { type: 'string' },
      steps: { type: 'string' },
      hours: { type: 'string' },
      jobs: { type: 'string' },
      brief: { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const isOne = values.seed !== undefined && values.steps === undefined && values.hours === undefined;
  const jobs = Number(values.jobs ?? 1);
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  const result = await campaign(
    {
      firstSeed: Number(values.seed ?? 1),
      worlds: isOne ? 1 : Infinity,
      toggles: Number(values.steps ?? (values.hours === undefined && !isOne ? DEFAULT_STEPS : Infinity)),
      deviceHours: Number(values.hours ?? Infinity),
    },
    {
      signal: interrupted.signal,
      onWorld: progressEach(PROGRESS_MS),
      ...(jobs > 1 && !isOne ? { worldsFrom: (firstSeed) => worldsOfJobs(firstSeed, jobs) } : {}),
    },
  );
  console.log(`${interrupted.signal.aborted ? 'interrupted: ' : ''}${result.summary}`);
  if (result.brokenBy === undefined) return;
  if (values.brief) console.log(`LAW ${result.law}`);
  else console.log(await reportOn(result.brokenBy));
  process.exitCode = 1;
}

function progressEach(ms: number): (sum: CampaignSum) => void {
  let nextMs = performance.now() + ms;
  return (sum) => {
    if (performance.now() < nextMs) return;
    nextMs += ms;
    console.error(`so far: ${sum.summary}`);
  };
}
