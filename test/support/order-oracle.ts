/** Judges verdicts by the record of the device: which promises were broken, in words. */
import type { Verdict } from '../../src/verdict';
import type { RecordedCommand } from './recording-device';

/** A toggle that was asked for, in the order of asking. */
export interface AskedToggle {
  readonly deviceId: string;
  readonly msgId: string;
  readonly state: boolean;
  /** Every verdict that it got, and when in the count that the device's record shares. */
  readonly verdicts: { readonly verdict: Verdict; readonly sequence: number }[];
}

/** The broken promises; none if all is well. */
export function brokenPromises(asked: readonly AskedToggle[], record: readonly RecordedCommand[]): string[] {
  const byMsgId = new Map(asked.map((toggle) => [toggle.msgId, toggle]));
  const arrivals = grouped(record, ({ msgId }) => msgId);
  return [
    ...record.flatMap((command) => unasked(command, byMsgId.get(command.msgId))),
    ...asked.flatMap((toggle) => dishonest(toggle, arrivals.get(toggle.msgId) ?? [])),
    ...[...grouped(asked, ({ deviceId }) => deviceId).values()].flatMap((lane) => overtaken(lane, arrivals)),
  ];
}

function unasked(command: RecordedCommand, toggle: AskedToggle | undefined): string[] {
  const isTrue = toggle?.deviceId === command.deviceId && toggle.state === command.state;
  return isTrue ? [] : [`${show(command)} arrived, and was never asked for`];
}

/** One verdict, which agrees with what arrived. */
function dishonest(toggle: AskedToggle, arrived: readonly RecordedCommand[]): string[] {
  const [first, ...others] = toggle.verdicts;
  const name = show(toggle);
  if (!first || others.length > 0) return [`${name} has ${toggle.verdicts.length} verdicts`];
  const { outcome, reason } = first.verdict;
  const problems: string[] = [];
  const inTime = arrived.filter(({ sequence }) => sequence < first.sequence);
  const applied = arrived.filter(({ kind }) => kind === 'applied');
  if (applied.length > 1) problems.push(`${name} was applied ${applied.length} times`);
  if (outcome === 'confirmed' && !inTime.some(({ kind }) => kind === 'applied')) {
    problems.push(`${name} was confirmed, but not applied before`);
  }
  if (outcome === 'rejected' && !inTime.some(({ kind }) => kind === 'refused')) {
    problems.push(`${name} was rejected, but not refused before`);
  }
  if ((outcome === 'failed' || outcome === 'dropped') && arrived.length > 0) {
    problems.push(`${name} is ${outcome}/${reason}, but the device received it`);
  }
  return problems;
}

/** Of one device id, in the order of asking: nothing older arrives after something newer arrived or was confirmed. */
function overtaken(lane: readonly AskedToggle[], arrivals: ReadonlyMap<string, readonly RecordedCommand[]>): string[] {
  const problems: string[] = [];
  /** Of the toggles after the one that is looked at, the one that arrived first. */
  let newer: { readonly toggle: AskedToggle; readonly arrivedAt: number } | undefined;
  for (const toggle of lane.toReversed()) {
    const arrived = arrivals.get(toggle.msgId) ?? [];
    for (const { kind, sequence } of arrived) {
      if (newer && sequence > newer.arrivedAt)
        problems.push(`${show(toggle)} was ${kind} ${after(newer.toggle, sequence)}`);
    }
    const arrivedAt = Math.min(...arrived.map(({ sequence }) => sequence));
    if (arrivedAt < (newer?.arrivedAt ?? Infinity)) newer = { toggle, arrivedAt };
  }
  return problems;
}

function after({ msgId, verdicts }: AskedToggle, sequence: number): string {
  const isConfirmed = verdicts.some((each) => each.verdict.outcome === 'confirmed' && each.sequence < sequence);
  return `after the newer ${msgId} ${isConfirmed ? 'was confirmed' : 'had arrived'}`;
}

function grouped<T>(all: readonly T[], key: (each: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(key(each));
    if (group) group.push(each);
    else groups.set(key(each), [each]);
  }
  return groups;
}

function show({ deviceId, msgId, state }: Pick<AskedToggle, 'deviceId' | 'msgId' | 'state'>): string {
  return `${deviceId} ${msgId} (${state ? 'on' : 'off'})`;
}
