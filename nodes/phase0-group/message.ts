/** Conversion of verdicts on a group and its members into output messages. Pure. */
import type { GroupVerdict } from '../../src/inventory/group';
import type { StopReason } from '../../src/outcomes';
import { confirmedState, type Verdict } from '../../src/verdict';
import type { Source } from '../delivery';
import { leaveOldError } from '../old-error';
import type { Message } from '../red';
import type { RequestedState } from '../requested-state';
import { copyMessage, propertyOf } from '../unsafe-values';

/** How a group ended. */
export interface Ended {
  readonly verdict: GroupVerdict;
  /** Its members, in the order in which they were asked; absent if there are none. */
  readonly asked?: readonly string[];
  /** Where one state was asked for all members; undefined with a scene, or when there was none. */
  readonly state?: RequestedState | undefined;
  /** Why there are no members, or none can be switched. */
  readonly problem?: string;
  /** It was stopped before its members were known. */
  readonly reason?: StopReason;
}

/** Its first member, in the order in which they were asked, that was not confirmed. An object puts ids such as 3 first. */
export function firstUnconfirmed({ verdict: { members }, asked = [] }: Ended): Verdict | undefined {
  const first = asked.find((deviceId) => members[deviceId]?.outcome !== 'confirmed');
  return first === undefined ? undefined : members[first];
}

/** Why a group was not confirmed as a whole: the reason of {@link firstUnconfirmed}. */
export function codeOf(ended: Ended): string {
  const first = firstUnconfirmed(ended);
  return first ? (first.reason ?? first.outcome) : (ended.reason ?? 'invalid_settings');
}

/** The input message with the verdict: to output 1 when all were confirmed, otherwise to output 2, with `text` as well. */
export function groupOutputs(msg: Message, ended: Ended, text: () => string, source: Source): (Message | null)[] {
  const { verdict } = ended;
  const output = Object.assign(copyMessage(msg), { phase0: verdict });
  if (verdict.outcome !== 'all') {
    output.error = { code: codeOf(ended), message: text(), source };
    return [null, output, null];
  }
  leaveOldError(output);
  output.payload = stateOf(ended);
  return [output, null, null];
}

/** The state that was asked for, if every member confirmed that; a device may report another one. */
function stateOf({ state, verdict }: Ended): unknown {
  const isSame = Object.values(verdict.members).every((member) => confirmedState(member) === state);
  return isSame ? state : sceneOf(verdict);
}

/** The message for output 3 with the verdict on a member. */
export function memberOutputs(msg: Message, verdict: Verdict): (Message | null)[] {
  // A copy: a flow that changes it must not change the verdict on the group.
  const member: Message = {
    payload: confirmedState(verdict) ?? null,
    topic: verdict.deviceId,
    phase0: { ...verdict },
  };
  const id = propertyOf(msg, '_msgid');
  if (id !== undefined) member._msgid = id as string;
  return [null, null, member];
}

/** The states that are confirmed now, by device id. */
function sceneOf({ members }: GroupVerdict): object {
  return Object.fromEntries(Object.entries(members).map(([id, verdict]) => [id, confirmedState(verdict)]));
}
