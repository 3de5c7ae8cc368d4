/** A process that judges one mutation after the other, and another one in its place when it ends or is no longer clean. */
import { fork } from 'node:child_process';
import { join } from 'node:path';

const WORKER = join(import.meta.dirname, 'mutation-worker.mjs');
const ENDED = 'ends the process';
const MAX_HEAP_MIB = 1024;
/** What a process has loaded anew so often takes memory. */
const MUTATIONS_EACH = 100;

export class Judge {
  #worker;
  #left = 0;

  constructor(copy) {
    this.copy = copy;
    // One that loops would not notice that nobody waits for it any more.
    process.once('exit', () => this.end());
  }

  /** What noticed the mutation; undefined if nothing did. What does not end is noticed, too. */
  async judge(input, timeoutMs) {
    const isFresh = this.#left <= 0;
    if (isFresh) this.#replace();
    this.#left -= 1;
    const { answer, problem } = await this.ask('judge', input, timeoutMs);
    if (problem !== undefined || !answer.isClean) this.#left = 0;
    // It may be what an earlier mutation left behind.
    if (problem === ENDED && !isFresh) return this.judge(input, timeoutMs);
    return problem ?? answer.noticedBy;
  }

  ask(task, input, timeoutMs) {
    if (!this.#worker?.connected) this.#replace();
    const worker = this.#worker;
    return new Promise((resolve) => {
      const timeout = setTimeout(() => {
        done({ problem: 'does not end' });
        worker.kill('SIGKILL');
      }, timeoutMs);
      const onMessage = (answer) => done({ answer });
      const onExit = () => done({ problem: ENDED });
      worker.once('message', onMessage).once('exit', onExit);
      worker.send({ task, ...input });
      function done(result) {
        clearTimeout(timeout);
        worker.off('message', onMessage).off('exit', onExit);
        resolve(result);
      }
    });
  }

  end() {
    this.#worker?.kill('SIGKILL');
    this.#worker = undefined;
  }

  #replace() {
    this.end();
    this.#worker = fork(WORKER, [this.copy], {
      stdio: 'ignore',
      execArgv: [`--max-old-space-size=${MAX_HEAP_MIB}`],
    });
    this.#left = MUTATIONS_EACH;
  }
}
