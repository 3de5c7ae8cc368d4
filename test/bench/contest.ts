/** Rounds of all contenders by turns, each in a process of its own, against one device process that checks every packet. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Tally } from './checking-device';
import type { Figures } from './closed-loop';
import type { CoreContender, LoopRequest } from './core-contender';
import { NodeRedProcess, type NodeRedContender } from './node-red-contender';

/** Rounds that do not count. Node-RED's many paths take longer to be compiled than a bare loop: a toggle node some 8 s. */
export const WARM_UP_ROUNDS = 8;

/** What takes part in a contest. */
export interface Contender {
  /** Unique in its contest. */
  readonly name: string;
  /** Device ids that are switched at once. */
  readonly ids: number;
  readonly core?: Omit<CoreContender, 'port'>;
  readonly nodeRed?: Omit<NodeRedContender, 'port'>;
}

export interface ContestOptions {
  readonly rounds: number;
  /** Length of one run. */
  readonly seconds: number;
  readonly onRound?: (round: number) => void;
}

interface Process {
  run(request: LoopRequest): Promise<Figures>;
  stop(): Promise<void>;
}

/** The figures of each round, by contender. Fails when a packet was wrong, or a toggle was not confirmed exactly once. */
export async function contest(
  contenders: readonly Contender[],
  { rounds, seconds, onRound }: ContestOptions,
): Promise<Map<string, Figures[]>> {
  const device = fork(require.resolve('./checking-device'), [String(contenders.length)]);
  const ports = (await answerOf(device)) as number[];
  const processes: Process[] = [];
  const results = new Map<string, Figures[]>(contenders.map(({ name }) => [name, []]));
  try {
    for (const [index, contender] of contenders.entries())
      processes.push(await started(contender, ports[index] as number));
    // What is compiled and connected once is not to be measured.
    for (let round = 1 - WARM_UP_ROUNDS; round <= rounds; round += 1) {
      onRound?.(round);
      for (let turn = 0; turn < contenders.length; turn += 1) {
        // Nobody always follows the same one.
        const index = (turn + round + WARM_UP_ROUNDS) % contenders.length;
        const { name, ids, nodeRed } = contenders[index] as Contender;
        const figures = await (processes[index] as Process).run({ ids, forMs: seconds * 1000 });
        device.send(ports[index] as number);
        const tally = (await answerOf(device)) as Tally;
        check(name, figures, tally, nodeRed?.payload === undefined && nodeRed?.nodes !== 'hop');
        if (round > 0) results.get(name)?.push(figures);
      }
    }
  } finally {
    for (const each of processes) await each.stop();
    await ended(device);
  }
  return results;
}

/** A loop that skipped the device would be fast. */
function check(name: string, { toggles, failed }: Figures, tally: Tally, isAtDevice: boolean): void {
  const expected = isAtDevice ? toggles : 0;
  if (failed === 0 && tally.wrong === 0 && tally.confirmed === expected) return;
  const { confirmed, wrong, problem = '' } = tally;
  throw new Error(
    `${name}: ${toggles} toggles, ${failed} not confirmed; the device confirmed ${confirmed}, and ${wrong} packets were wrong ${problem}`,
  );
}

async function started({ core, nodeRed }: Contender, port: number): Promise<Process> {
  if (nodeRed) return NodeRedProcess.start({ ...nodeRed, port });
  const child = fork(require.resolve('./core-contender'), [JSON.stringify({ ...core, port })]);
  await answerOf(child);
  return {
    async run(request) {
      child.send(request);
      return (await answerOf(child)) as Figures;
    },
    stop: () => ended(child),
  };
}

/** The next message of a process; fails if it ends instead. */
export async function answerOf(child: ChildProcess): Promise<unknown> {
  const waiting = new AbortController();
  const { signal } = waiting;
  try {
    const exit = once(child, 'exit', { signal }).then(([code]) => {
      throw new Error(`a process ended with ${String(code)}`);
    });
    return await Promise.race([once(child, 'message', { signal }).then(([message]) => message as unknown), exit]);
  } finally {
    waiting.abort();
  }
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.disconnect();
  await exit;
}
