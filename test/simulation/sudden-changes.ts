/** Users who deploy, or read a table again, within the call that tells them of something. */
import { seededRandom } from '../../src/simulator/seeded-random';
import { Draw } from './draw';
import { hex, type Action, type ReactionEvent } from './story';
import type { World } from './world';

/**
 * What he is told of then. Not of the circuit, of which the laws know only by the verdict that follows; and not of a request,
 * which what he asks for then would overtake.
 */
const EVENTS = [
  'verdict',
  'verdict',
  'start',
  'packet',
  'attemptEnded',
  'attemptEnded',
  'decodeError',
  'queueDepth',
  'connectionState',
] as const satisfies ReactionEvent[];

/** Of these he may be told between a reply and its verdict. */
const AFTER_REPLY: ReadonlySet<ReactionEvent> = new Set(['packet', 'attemptEnded', 'decodeError', 'connectionState']);

/** How many toggles have a reaction with a change. */
const SHARE = 0.3;

/** The same world, some of whose users change what runs, and most of them switch the same device id at once. */
export function withSuddenChanges(world: World): World {
  const draw = new Draw(seededRandom(Math.imul(world.seed, 0x51ed270b) + 11));
  const actions = world.actions.map((action): Action => {
    if (action.kind !== 'toggle' || !draw.chance(SHARE)) return action;
    const { atMs, controller } = action;
    const { tables, storeMs } = world.controllers[controller] ?? {};
    const change: Action = tables
      ? { kind: 'reload', atMs, controller, table: draw.whole(0, tables.length - 1) }
      : { kind: 'deploy', atMs, controller, isChanged: draw.chance(0.5) };
    const again: Action = { ...action, state: draw.chance(0.5), msgId: hex(draw), reaction: undefined };
    const { on, actions: others } = action.reaction ?? { on: draw.pick<ReactionEvent>(EVENTS), actions: [] };
    // Whoever replaces a device between a reply and its verdict has two of them write to one store.
    if (storeMs !== undefined && AFTER_REPLY.has(on)) return action;
    const place = draw.whole(0, others.length);
    const changes = draw.chance(0.7) ? [change, again] : [change];
    return { ...action, reaction: { on, actions: others.toSpliced(place, 0, ...changes) } };
  });
  return { ...world, actions };
}
