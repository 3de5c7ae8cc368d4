/** Which devices are in trouble, the order of the list, and what its filter finds. Pure. */
import type { DeviceSummary } from '../../../src/trace/answers';
import type { VerdictOutcome } from '../../../src/outcomes';
import { searchTextOf, wantedText } from '../../../src/trace/search-text';

/** `bad`: it does not do what it is told. `uneasy`: it did, but its connection or circuit says that it may not again. */
export type Health = 'bad' | 'uneasy' | 'good' | 'unused';

const RANK: Readonly<Record<Health, number>> = { bad: 0, uneasy: 1, good: 2, unused: 3 };

/** Drops that say nothing of the device. */
const HARMLESS = new Set<string | undefined>(['superseded', 'cancelled', 'closed', 'invalid_state', 'device_removed']);

export function healthOf({ problem, last, circuit, isLost, state }: DeviceSummary): Health {
  const isHarmless = last === undefined || (last.outcome === 'dropped' && HARMLESS.has(last.reason));
  const isWell = isHarmless || last.outcome === 'confirmed';
  if (problem !== undefined || circuit === 'open' || !isWell) return 'bad';
  if (isLost || circuit === 'half_open') return 'uneasy';
  return isHarmless && state === undefined ? 'unused' : 'good';
}

export interface DeviceFilter {
  /** Part of the name, id, host or a tag, in any case. */
  readonly text: string;
  readonly tag: string;
  /** Of the last verdict; `trouble` = every device that is not well. */
  readonly outcome: VerdictOutcome | 'trouble' | '';
}

export const EVERY_DEVICE: DeviceFilter = { text: '', tag: '', outcome: '' };

/** A device with what sorting and filtering need at every answer, computed once. */
export interface ListedDevice {
  readonly summary: DeviceSummary;
  readonly health: Health;
  /** Sorts like the name, with numbers by their value. */
  readonly sortKey: string;
  readonly searchText: string;
}

/** `before`: the same device as it was listed until now. */
export function listed(summary: DeviceSummary, before?: ListedDevice): ListedDevice {
  const { name, deviceId } = summary;
  const shown = name ?? deviceId;
  const sortKey = before && before.summary.name === name ? before.sortKey : sortKeyOf(shown.toLowerCase());
  return { summary, health: healthOf(summary), sortKey, searchText: searchTextOf(deviceId, summary) };
}

function sortKeyOf(shown: string): string {
  return shown.slice(0, 200).replaceAll(/\d{1,15}/g, (digits) => digits.padStart(15, '0'));
}

export function isFound({ summary, health, searchText }: ListedDevice, { text, tag, outcome }: DeviceFilter): boolean {
  if (text !== '' && !searchText.includes(wantedText(text))) return false;
  if (tag !== '' && summary.tags?.includes(tag) !== true) return false;
  if (outcome === 'trouble') return health === 'bad' || health === 'uneasy';
  return outcome === '' || summary.last?.outcome === outcome;
}

/** Trouble first, then by name: an order that does not change with every toggle. */
export function byTrouble(a: ListedDevice, b: ListedDevice): number {
  const difference = RANK[a.health] - RANK[b.health];
  if (difference !== 0) return difference;
  return a.sortKey < b.sortKey ? -1 : a.sortKey > b.sortKey ? 1 : 0;
}
