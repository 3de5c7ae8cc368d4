/** Inventories in the place of devices: tables that are reloaded at any instant, and groups of their rows. */
import { seededRandom } from '../../src/simulator/seeded-random';
import { Draw } from './draw';
import { drawSettings } from './draw-settings';
import type { Action } from './story';
import type { ControllerPlan, RowPlan, World } from './world';

const TABLES = 3;

/** The same world, whose controllers are inventories. */
export function withInventories(world: World): World {
  const draw = new Draw(seededRandom(Math.imul(world.seed, 0x68e31da4) + 3));
  const controllers = world.controllers.map((plan): ControllerPlan => {
    const tables = Array.from({ length: TABLES }, () => drawTable(draw, world, plan));
    return { ...plan, tables };
  });
  const actions = world.actions.flatMap((action): Action[] => {
    const { atMs } = action;
    const controller = draw.whole(0, controllers.length - 1);
    const reload: Action = {
      kind: 'reload',
      atMs: atMs + draw.between(0, 20),
      controller,
      table: draw.whole(0, TABLES - 1),
    };
    return draw.chance(0.08) ? [action, reload] : [action];
  });
  return { ...world, controllers, actions: actions.toSorted((a, b) => a.atMs - b.atMs) };
}

/** Some of the device ids: each has a row in most tables, mostly at the same address. */
function drawTable(draw: Draw, { endpoints }: World, plan: ControllerPlan): RowPlan[] {
  const { reply = 'auto', connection = 'per-toggle' } = plan.settings;
  const shared = drawSettings(draw);
  return plan.deviceIds
    .filter(() => draw.chance(0.85))
    .map((deviceId) => {
      const other = draw.whole(0, endpoints.length - 1);
      const endpoint = draw.chance(0.2) && isSameDialect(endpoints, other, plan.endpoint) ? other : plan.endpoint;
      const own = draw.chance(0.5) ? shared : drawSettings(draw);
      // Rows that share a persistent connection read its replies in one way.
      return { deviceId, endpoint, settings: { ...own, reply, connection }, tags: [] };
    });
}

function isSameDialect(endpoints: World['endpoints'], one: number, other: number): boolean {
  return (endpoints[one]?.device.dialect === 'raw') === (endpoints[other]?.device.dialect === 'raw');
}
