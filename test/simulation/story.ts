/** What users do, and when: the part of a world that is shrunk when a law is broken. */
import type { Observer } from '../../src/observer';
import type { Draw } from './draw';
import type { ControllerPlan } from './world';

/** What a user asks of one device id. */
export interface ToggleAction {
  readonly kind: 'toggle';
  readonly atMs: number;
  readonly controller: number;
  readonly deviceId: string;
  readonly state: boolean | 'flip' | 'invalid';
  readonly requester: string;
  /** 16 hex digits; the toggles of several device ids may share one. */
  readonly msgId: string;
  /** What the user does at once when the core tells of something. */
  readonly reaction: { readonly on: ReactionEvent; readonly actions: readonly Action[] } | undefined;
}

/** Told of the toggle itself, or of its device id while the toggle has no verdict. */
export type ReactionEvent = 'verdict' | 'start' | keyof Observer;

/** A command to several device ids of an inventory. */
export interface GroupAction {
  readonly kind: 'group';
  readonly atMs: number;
  readonly controller: number;
  /** An id may be there more than once. */
  readonly members: readonly { readonly deviceId: string; readonly state: boolean | 'flip' }[];
  readonly concurrency: number;
  readonly staggerMs: number;
  readonly stopOnFailure: boolean;
  /** When the user stops it; absent if he does not. */
  readonly stopAfterMs: number | undefined;
}

export type Action =
  | ToggleAction
  | GroupAction
  | {
      readonly kind: 'stop';
      readonly atMs: number;
      readonly controller: number;
      readonly requester: string | undefined;
    }
  | { readonly kind: 'rest'; readonly atMs: number; readonly controller: number }
  /** The device is closed, and a new one takes its place at once. */
  | { readonly kind: 'deploy'; readonly atMs: number; readonly controller: number; readonly isChanged: boolean }
  /** An inventory is read again, with this table. */
  | { readonly kind: 'reload'; readonly atMs: number; readonly controller: number; readonly table: number }
  /** The event loop of the process is held up. */
  | { readonly kind: 'hold'; readonly atMs: number; readonly ms: number }
  | {
      readonly kind: 'reboot';
      readonly atMs: number;
      readonly endpoint: number;
      readonly downMs: number;
      /** Whether the device says nothing while it is down, and leaves its connections without a word. */
      readonly isSilent: boolean;
    };

const REQUESTERS = ['flow-a', 'flow-b', 'flow-c'] as const;

interface Habits {
  readonly gapMs: number;
  readonly burst: number;
  readonly flip: number;
  readonly stop: number;
  readonly rest: number;
  readonly deploy: number;
  readonly hold: number;
  readonly reboot: number;
  readonly reaction: number;
  readonly sharedId: number;
}

/** `steps` is the number of toggles, besides those of reactions. */
export function drawStory(draw: Draw, controllers: readonly ControllerPlan[], steps: number): Action[] {
  const habits: Habits = {
    gapMs: draw.pick([2, 20, 200, 2000]),
    burst: draw.pick([0, 0.2, 0.6]),
    flip: draw.pick([0, 0.1, 0.5]),
    stop: draw.fault(0.5, 0.3),
    rest: draw.fault(0.4, 0.2),
    deploy: draw.fault(0.3, 0.1),
    hold: draw.fault(0.3, 0.1),
    reboot: draw.fault(0.4, 0.1),
    reaction: draw.fault(0.3, 0.3),
    sharedId: draw.fault(0.2, 0.5),
  };
  const actions: Action[] = [];
  let atMs = 0;
  let msgId = '';
  /** A device that remembers ids would take a second toggle with the same two ids for a repetition. */
  const used = new Set<string>();
  for (let step = 0; step < steps; step += 1) {
    if (!draw.chance(habits.burst)) atMs += -Math.log(1 - draw.random()) * habits.gapMs;
    msgId = draw.chance(habits.sharedId) && msgId !== '' ? msgId : hex(draw);
    const drawn = drawToggle(draw, controllers, habits, atMs, msgId);
    if (used.has(`${drawn.deviceId} ${msgId}`)) msgId = hex(draw);
    const toggle = { ...drawn, msgId };
    used.add(`${drawn.deviceId} ${msgId}`);
    const reaction = draw.chance(habits.reaction)
      ? {
          on: draw.pick<'verdict' | 'start'>(['verdict', 'start']),
          actions: Array.from({ length: draw.pick([1, 1, 3]) }, () =>
            drawReaction(draw, controllers, habits, atMs, toggle),
          ),
        }
      : undefined;
    actions.push({ ...toggle, reaction });
    for (const action of drawOthers(draw, controllers, habits, atMs)) actions.push(action);
  }
  return actions.toSorted((a, b) => a.atMs - b.atMs);
}

function drawToggle(
  draw: Draw,
  controllers: readonly ControllerPlan[],
  { flip }: Habits,
  atMs: number,
  msgId: string,
): ToggleAction {
  const controller = draw.whole(0, controllers.length - 1);
  const ids = controllers[controller]?.deviceIds ?? [];
  const deviceId = ids[draw.whole(0, ids.length - 1)] ?? '';
  const state = draw.chance(flip) ? 'flip' : draw.chance(0.01) ? 'invalid' : draw.chance(0.5);
  return {
    kind: 'toggle',
    atMs,
    controller,
    deviceId,
    state,
    requester: draw.pick(REQUESTERS),
    msgId,
    reaction: undefined,
  };
}

/** What a user does within the call that tells him of a verdict or of a start. */
function drawReaction(
  draw: Draw,
  controllers: readonly ControllerPlan[],
  habits: Habits,
  atMs: number,
  { controller, deviceId, requester }: ToggleAction,
): Action {
  const toggle = drawToggle(draw, controllers, habits, atMs, hex(draw));
  return draw.pick<Action>([
    toggle,
    { ...toggle, controller, deviceId },
    { kind: 'stop', atMs, controller, requester: draw.chance(0.5) ? requester : undefined },
    { kind: 'rest', atMs, controller },
  ]);
}

function drawOthers(draw: Draw, controllers: readonly ControllerPlan[], habits: Habits, atMs: number): Action[] {
  const controller = draw.whole(0, controllers.length - 1);
  const soon = () => atMs + draw.between(0, 3) * habits.gapMs;
  const endpoint = controllers[controller]?.endpoint ?? 0;
  return [
    ...(draw.chance(habits.stop)
      ? [
          {
            kind: 'stop',
            atMs: soon(),
            controller,
            requester: draw.chance(0.7) ? draw.pick(REQUESTERS) : undefined,
          } as const,
        ]
      : []),
    ...(draw.chance(habits.rest) ? [{ kind: 'rest', atMs: soon(), controller } as const] : []),
    ...(draw.chance(habits.deploy)
      ? [{ kind: 'deploy', atMs: soon(), controller, isChanged: draw.chance(0.5) } as const]
      : []),
    ...(draw.chance(habits.hold) ? [{ kind: 'hold', atMs: soon(), ms: draw.pick([30, 300, 3000]) } as const] : []),
    ...(draw.chance(habits.reboot)
      ? [
          {
            kind: 'reboot',
            atMs: soon(),
            endpoint,
            downMs: draw.pick([0, 50, 3000]),
            isSilent: draw.chance(0.5),
          } as const,
        ]
      : []),
  ];
}

/** An id as the core makes them. */
export function hex(draw: Draw): string {
  return [0, 0]
    .map(() =>
      Math.floor(draw.random() * 2 ** 32)
        .toString(16)
        .padStart(8, '0'),
    )
    .join('');
}
