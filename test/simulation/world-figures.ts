/** The figures of one world: what processes tell each other of it. */
import { STEPS_PER_WORLD } from './report';
import { runWorld } from './run';
import { drawWorld } from './swarm';

export interface WorldFigures {
  readonly seed: number;
  readonly toggles: number;
  readonly deviceMs: number;
  readonly cpuSeconds: number;
  readonly digest: string;
  readonly outcomes: readonly (readonly [outcome: string, count: number])[];
  /** The first law that it broke. */
  readonly law: string | undefined;
}

export async function figuresOf(seed: number): Promise<WorldFigures> {
  const begin = process.cpuUsage();
  const { toggles, deviceMs, digest, outcomes, violations } = await runWorld(drawWorld(seed, STEPS_PER_WORLD));
  const [first] = violations;
  const law = first && `${first.law}: ${first.what}`;
  const { user, system } = process.cpuUsage(begin);
  return { seed, toggles, deviceMs, cpuSeconds: (user + system) / 1e6, digest, outcomes: [...outcomes], law };
}
