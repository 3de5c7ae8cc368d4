/** Members of a group, as flows and people name them. */
import { show } from '../settings/show';
import type { Inventory } from './inventory';

/** The device ids that were meant, each once, or what is wrong with the list. */
export type Members =
  { readonly ok: true; readonly deviceIds: readonly string[] } | { readonly ok: false; readonly error: string };

/**
 * The members that `list` names: an array of ids, or a text of ids and `#tags` separated by spaces or commas; the text
 * `all` is every row. A tag that no row has is kept as it is: like an id that no row has, it is an unknown device.
 */
export function membersOf(list: unknown, inventory?: Pick<Inventory, 'deviceIds' | 'device' | 'withTag'>): Members {
  const words = wordsOf(list);
  if (!words) return { ok: false, error: `members must be a text or an array of device ids, not ${show(list)}` };
  if (inventory && typeof list === 'string' && list.trim() === 'all' && !inventory.device('all')) {
    return { ok: true, deviceIds: inventory.deviceIds };
  }
  const deviceIds = words.flatMap((word) => {
    if (!inventory || !word.startsWith('#') || inventory.device(word)) return [word];
    const tagged = inventory.withTag(word.slice(1));
    return tagged.length > 0 ? tagged : [word];
  });
  return { ok: true, deviceIds: [...new Set(deviceIds)] };
}

function wordsOf(list: unknown): readonly string[] | undefined {
  if (typeof list === 'string') return list.split(/[\s,]+/).filter(Boolean);
  if (!Array.isArray(list)) return undefined;
  // As with a single device id, a number is taken as text.
  const words = list.map((each: unknown) => (typeof each === 'number' ? String(each) : each));
  return words.every((word) => typeof word === 'string') ? words.map((word) => word.trim()) : undefined;
}
