/** Group commands of users, for the worlds that have inventories. */
import type { Draw } from './draw';
import type { Action, GroupAction } from './story';
import type { ControllerPlan } from './world';

/** `actions` with some group commands among them. */
export function withGroups(draw: Draw, controllers: readonly ControllerPlan[], actions: readonly Action[]): Action[] {
  const lastMs = actions.at(-1)?.atMs ?? 0;
  const groups = Array.from({ length: draw.whole(1, 8) }, () => drawGroup(draw, controllers, draw.random() * lastMs));
  return [...actions, ...groups].toSorted((a, b) => a.atMs - b.atMs);
}

function drawGroup(draw: Draw, controllers: readonly ControllerPlan[], atMs: number): GroupAction {
  const controller = draw.whole(0, controllers.length - 1);
  const ids = controllers[controller]?.deviceIds ?? [];
  return {
    kind: 'group',
    atMs,
    controller,
    members: Array.from({ length: draw.whole(1, 8) }, () => ({
      deviceId: ids[draw.whole(0, ids.length - 1)] ?? '',
      state: draw.pick<boolean | 'flip'>([true, false, 'flip']),
    })),
    concurrency: draw.pick([0, 1, 2, 3]),
    staggerMs: draw.pick([0, 0, 1, 40, 400]),
    stopOnFailure: draw.chance(0.4),
    stopAfterMs: draw.chance(0.4) ? draw.pick([0, 5, 50, 500]) * draw.random() : undefined,
  };
}
