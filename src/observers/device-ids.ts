/** Registry of device ids with metric series: the label of each id, and the ids that no owner uses any more. */

/** Label of what ids there are beyond {@link MAX_IDS}. */
export const OTHER_IDS = '(other)';
/** Ids of one owner that have series of their own: ids from messages must not fill the memory. */
const MAX_IDS = 1000;

interface Owner {
  readonly ids: Set<string>;
  /** The id of its settings. */
  own: string | undefined;
}

/** The label of a device id; nothing when it is not to be recorded any more. */
export type LabelOf = (deviceId: string) => string | undefined;

export class DeviceIds {
  private readonly owners = new Map<string, Owner>();

  /** Registers an owner, or registers it again with another id. Returns its labels, and the ids no longer in use. */
  register(
    ownerId: string,
    own: string | undefined,
  ): { readonly labelOf: LabelOf; readonly gone: ReadonlySet<string> } {
    const owner = this.owners.get(ownerId) ?? { ids: new Set(), own };
    const before = owner.own;
    owner.own = own;
    this.owners.set(ownerId, owner);
    const labelOf: LabelOf = (deviceId) => {
      // What ends after its owner, or after its id, must not bring series back.
      if (this.owners.get(ownerId) !== owner || (deviceId === own && own !== owner.own)) return undefined;
      const label = owner.ids.has(deviceId) || owner.ids.size < MAX_IDS || deviceId === own ? deviceId : OTHER_IDS;
      owner.ids.add(label);
      return label;
    };
    const replaced = before !== undefined && before !== own && owner.ids.delete(before);
    return { labelOf, gone: this.unowned(replaced ? [before] : []) };
  }

  /** Unregisters an owner; returns the ids no longer in use. */
  unregister(ownerId: string): ReadonlySet<string> {
    const ids = this.owners.get(ownerId)?.ids ?? [];
    this.owners.delete(ownerId);
    return this.unowned(ids);
  }

  private unowned(ids: Iterable<string>): ReadonlySet<string> {
    const owners = [...this.owners.values()];
    return new Set([...ids].filter((id) => !owners.some((owner) => owner.ids.has(id))));
  }
}
