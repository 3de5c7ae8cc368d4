/** Many inputs for all targets, each decided by the seed, the target and its number: a failure names all three. */
import { seededRandom } from '../../src/simulator/seeded-random';
import { Draw } from '../simulation/draw';
import { inventories, messages, settings } from './input-targets';
import { headers, requests, simulatorPort } from './socket-targets';
import type { Target } from './target';
import { decoder, replies } from './wire-targets';

export const TARGETS: readonly Target[] = [
  decoder,
  replies,
  messages,
  settings,
  inventories,
  headers,
  requests,
  simulatorPort,
];

export interface FuzzLimits {
  readonly seed: number;
  /** Inputs in all, divided by the shares of the targets. */
  readonly inputs: number;
  readonly targets: readonly Target[];
  /** Called now and then. */
  readonly onProgress?: (name: string, done: number) => void;
}

/** Inputs of a target that takes turns of the event loop which are under way at a time. */
const AT_ONCE = 16;
/** Inputs between two calls of `onProgress`. */
const PROGRESS = 20_000;

/** How many inputs each target had. Rejects with the first failure. */
export async function fuzz({ seed, inputs, targets, onProgress }: FuzzLimits): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  for (const target of targets) {
    const count = Math.ceil((inputs * target.share) / shares);
    await target.start?.();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < count) {
        const number = next;
        next += 1;
        const running = runInput(target, seed, number);
        if (running) await running;
        if (next % PROGRESS !== 0) continue;
        onProgress?.(target.name, next);
        // The process stays responsive, and promises of hostile inputs settle.
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    await target.end?.();
    counts.set(target.name, count);
  }
  return counts;
}

/** One input. */
export function runInput(target: Target, seed: number, number: number): Promise<void> | void {
  const index = TARGETS.indexOf(target);
  const draw = new Draw(
    seededRandom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b) ^ Math.imul(number + 1, 0xc2b2ae35)),
  );
  const failed = (error: unknown): never => {
    const where = `npm run test:fuzz -- --target "${target.name}" --seed ${seed} --number ${number}`;
    throw new Error(`${target.name}: ${error instanceof Error ? error.message : String(error)}\n${where}`, {
      cause: error,
    });
  };
  try {
    return target.run(draw)?.catch(failed);
  } catch (error) {
    return failed(error);
  }
}
