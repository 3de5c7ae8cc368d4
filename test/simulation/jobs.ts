/** Runs worlds in several processes, and hands over their figures in the order of the seeds. */
import { fork } from 'node:child_process';
import { join } from 'node:path';
import type { WorldFigures } from './world-figures';

/** Seeds that a process runs before it asks for more. */
export interface Batch {
  readonly firstSeed: number;
  readonly worlds: number;
}

const WORLDS_PER_BATCH = 10;

export async function* worldsOfJobs(firstSeed: number, jobs: number): AsyncGenerator<WorldFigures> {
  const processes = Array.from({ length: jobs }, () => new Job());
  try {
    let nextSeed = firstSeed;
    /** In the order of their seeds. */
    const batches: Promise<WorldFigures[]>[] = [];
    // A process that is done goes on at once, though an earlier batch is not done.
    const serve = (job: Job): void => {
      const figures = job.run({ firstSeed: nextSeed, worlds: WORLDS_PER_BATCH });
      nextSeed += WORLDS_PER_BATCH;
      batches.push(figures);
      figures.then(
        () => serve(job),
        () => undefined,
      );
    };
    for (const job of processes) serve(job);
    for (let batch = batches.shift(); batch; batch = batches.shift()) yield* await batch;
  } finally {
    for (const job of processes) job.end();
  }
}

class Job {
  private readonly child = fork(join(__dirname, 'world-worker.js'));
  private fail: (error: Error) => void = () => undefined;

  constructor() {
    this.child.once('exit', (code, signal) => this.fail(new Error(`a process ended with ${signal ?? code}`)));
  }

  run(batch: Batch): Promise<WorldFigures[]> {
    return new Promise((resolve, reject) => {
      this.fail = reject;
      this.child.once('message', (figures) => resolve(figures as WorldFigures[]));
      this.child.send(batch);
    });
  }

  end(): void {
    this.child.kill('SIGKILL');
  }
}
