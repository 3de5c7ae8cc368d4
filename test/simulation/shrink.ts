/** Shrinks a world that breaks a law: drops what users do, and faults, as long as the same law is broken. */
import { runWorld } from './run';
import type { World } from './world';

/** Runs that a shrinking may take; a shorter story is seldom found after that. */
const MOST_RUNS = 400;

/** The smallest world found that breaks the first law that `world` breaks. */
export async function shrink(world: World, law: string): Promise<World> {
  let best = world;
  let runs = 0;
  const breaks = async (candidate: World): Promise<boolean> => {
    if (runs >= MOST_RUNS) return false;
    runs += 1;
    const { violations } = await runWorld(candidate);
    if (violations[0]?.law !== law) return false;
    best = candidate;
    return true;
  };
  for (let size = Infinity; sizeOf(best) < size;) {
    size = sizeOf(best);
    await dropActions(() => best, breaks);
    for (const simpler of SIMPLER) await breaks(simpler(best));
    await dropFaults(() => best, breaks);
  }
  return best;
}

type Attempt = (candidate: World) => Promise<boolean>;

/** Halves first, then ever smaller parts. */
async function dropActions(best: () => World, breaks: Attempt): Promise<void> {
  for (let length = Math.ceil(best().actions.length / 2); length >= 1; length = Math.floor(length / 2)) {
    for (let at = 0; at < best().actions.length;) {
      const { actions } = best();
      const isDropped = await breaks({ ...best(), actions: actions.toSpliced(at, length) });
      if (!isDropped) at += length;
    }
  }
}

/** Each fault that is on is turned off, wherever it is. */
async function dropFaults(best: () => World, breaks: Attempt): Promise<void> {
  for (const path of pathsOfNumbers({ faults: best().faults, endpoints: best().endpoints }, [])) {
    if (path.at(-1) === 'port') continue;
    await breaks(withZero(best(), path));
  }
}

const SIMPLER: readonly ((world: World) => World)[] = [
  (world) => ({ ...world, isCoarse: false }),
  (world) => ({ ...world, timersAreEarly: false }),
  (world) => ({ ...world, controllers: world.controllers.map((plan) => ({ ...plan, storeMs: undefined })) }),
  (world) => ({
    ...world,
    actions: world.actions.map((action) => (action.kind === 'toggle' ? { ...action, reaction: undefined } : action)),
  }),
];

type Path = readonly (string | number)[];

function pathsOfNumbers(value: unknown, path: Path): Path[] {
  if (typeof value === 'number') return value > 0 && value < 1 ? [path] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => pathsOfNumbers(each, [...path, key]));
}

function withZero<T>(value: T, [key, ...rest]: Path): T {
  if (key === undefined) return 0 as T;
  const copy = (Array.isArray(value) ? [...(value as unknown[])] : { ...value }) as Record<string, unknown>;
  copy[key] = withZero(copy[key], rest);
  return copy as T;
}

function sizeOf(world: World): number {
  return world.actions.length + pathsOfNumbers({ faults: world.faults, endpoints: world.endpoints }, []).length;
}
