/** A violation in words: which law, by which seed, in which world, and what happened. */
import { runWorld } from './run';
import { shrink } from './shrink';
import { drawWorld } from './swarm';
import type { World } from './world';

/** Toggles of one world, besides those of reactions and of the roll call. */
export const STEPS_PER_WORLD = 100;
/** Lines of the timeline that are shown; what broke the law is at its end. */
const MOST_LINES = 120;

/** Everything about the violation that `seed` leads to. */
export async function reportOn(seed: number): Promise<string> {
  const world = drawWorld(seed, STEPS_PER_WORLD);
  const [first] = (await runWorld(world)).violations;
  if (!first) return `seed ${seed} breaks no law`;
  const smallest = await shrink(world, first.law);
  const { violations, timeline } = await runWorld(smallest, true);
  const hidden = timeline.length - MOST_LINES;
  return [
    `seed ${seed} breaks a law: ${first.law}: ${first.what}`,
    '',
    `The shortest story found has ${smallest.actions.length} of ${world.actions.length} actions:`,
    ...describe(smallest),
    '',
    ...(hidden > 0 ? [`… ${hidden} lines before`] : []),
    ...timeline.slice(-MOST_LINES),
    '',
    ...violations.slice(0, 3).map(({ law, what }) => `${law}: ${what}`),
    `To repeat it: npm run simulate -- --seed ${seed}`,
  ].join('\n');
}

function describe({ endpoints, controllers, faults, actions, latencyMs }: World): string[] {
  return [
    ...endpoints.map(({ host, port, device, connect }, index) => {
      const { chances, ...kind } = device;
      return `  device ${index} at ${host}:${port}: ${shown(kind)} ${shown(chances)} connect: ${shown(connect)}`;
    }),
    ...controllers.map(
      ({ endpoint, settings, storeMs }, index) =>
        `  controller ${index} of device ${endpoint}: ${shown(settings)}${storeMs === undefined ? '' : ` store ${storeMs} ms`}`,
    ),
    `  network: latency ${latencyMs} ms ${shown(faults)}`,
    ...actions.map((action) => `  ${JSON.stringify(action)}`),
  ];
}

/** What is on, that is. */
function shown(values: object): string {
  const on = Object.entries(values).filter(([, value]) => value !== 0 && value !== false && value !== Infinity);
  return JSON.stringify(Object.fromEntries(on)).replaceAll('"', '');
}
