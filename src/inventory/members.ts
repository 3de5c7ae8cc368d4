/** Members of a group, as flows and people name them. */
import { show } from '../settings/show';
import { MAX_ROWS } from './check-rows';
import type { Inventory } from './inventory';

/** The device ids that were meant, each once, or what is wrong with the list. */
export type Members =
  { readonly ok: true; readonly deviceIds: readonly string[] } | { readonly ok: false; readonly error: string };

/** What ids and tags are looked up in. */
export type MemberDirectory = Pick<Inventory, 'deviceIds' | 'device' | 'withTag'>;

/** As many ids of the greatest length, each with a separator. */
const MAX_CHARACTERS = MAX_ROWS * 129;

/**
 * The members that `list` names: an array of ids, or a text of ids and `#tags` separated by spaces or commas; the text
 * `all` is every row. A tag that no row has is kept as it is: like an id that no row has, it is an unknown device. Without
 * an inventory there are no tags and rows, so a text with those is an error. Never throws, whatever it is given.
 */
export function membersOf(list: unknown, inventory?: MemberDirectory): Members {
  const names = namesIn(list);
  if (!names.ok) return names;
  const isText = typeof list === 'string';
  const isAll = isText && list.trim() === 'all';
  if (!inventory) return withoutInventory(names, isText, isAll);
  if (isAll && !inventory.device('all')) return { ok: true, deviceIds: inventory.deviceIds };
  const deviceIds = names.deviceIds.flatMap((name) => {
    if (!name.startsWith('#') || inventory.device(name)) return [name];
    const tagged = inventory.withTag(name.slice(1));
    return tagged.length > 0 ? tagged : [name];
  });
  return { ok: true, deviceIds: [...new Set(deviceIds)] };
}

/** An array has only ids, so that a device can be called by any name. */
function withoutInventory(names: Names, isText: boolean, isAll: boolean): Members {
  const name = isAll ? 'all' : names.deviceIds.find((each) => each.startsWith('#'));
  if (!isText || name === undefined) return names;
  return wrong(`members: ${show(name)} needs an inventory, which has rows and tags`);
}

type Names = Extract<Members, { ok: true }>;

/** The ids and tags of a list, each once. */
function namesIn(list: unknown): Members {
  if (typeof list === 'string') {
    if (list.length > MAX_CHARACTERS) return wrong(`members must be a text of at most ${MAX_CHARACTERS} characters`);
    return limited(list.split(/[\s,]+/).filter(Boolean));
  }
  const notAList = `members must be a text or an array of device ids, not ${show(list)}`;
  try {
    if (!Array.isArray(list)) return wrong(notAList);
    if (list.length > MAX_ROWS) return limited(list);
    // As with a single device id, a number is taken as text.
    const names = Array.from(list, (each: unknown) => (typeof each === 'number' ? String(each) : each));
    const isOfText = names.every((name) => typeof name === 'string');
    return isOfText ? limited(names.map((name) => name.trim())) : wrong(notAList);
  } catch {
    // A getter or a Proxy of the list threw.
    return wrong(notAList);
  }
}

function limited(names: readonly string[]): Members {
  if (names.length > MAX_ROWS) return wrong(`there are ${names.length} members, and ${MAX_ROWS} are allowed`);
  return { ok: true, deviceIds: [...new Set(names)] };
}

function wrong(error: string): Members {
  return { ok: false, error };
}
