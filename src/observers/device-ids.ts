/** Registry of device ids with metric series: the label of each id, and the ids that no owner uses. */

/** Label of the ids beyond {@link MAX_IDS}. */
export const OTHER_IDS = '(other)';
/** Ids with their own series per owner. Bounded, because ids come from messages. */
const MAX_IDS = 1000;

interface Owner {
  readonly ids: Set<string>;
  /** The id of its settings. */
  own: string | undefined;
  /** The only ids that it has, if they are known. */
  rows?: ReadonlySet<string>;
}

/** Returns the label of a device id; undefined if it must not be recorded any more. */
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
      // A toggle that ends after its owner or its id was removed must not recreate series.
      if (this.owners.get(ownerId) !== owner || (deviceId === own && own !== owner.own)) return undefined;
      const label = owner.ids.has(deviceId) || owner.ids.size < MAX_IDS || deviceId === own ? deviceId : OTHER_IDS;
      owner.ids.add(label);
      return label;
    };
    const replaced = before !== undefined && before !== own && owner.ids.delete(before);
    return { labelOf, gone: this.unowned(replaced ? [before] : []) };
  }

  /** Registers an owner with all of its ids, or registers it again with others. Further ids are labelled as the others. */
  registerRows(
    ownerId: string,
    ids: Iterable<string>,
  ): { readonly labelOf: LabelOf; readonly gone: ReadonlySet<string> } {
    const owner = this.owners.get(ownerId) ?? { ids: new Set(), own: undefined };
    this.owners.set(ownerId, owner);
    const rows = new Set(ids);
    const gone = [...(owner.rows ?? [])].filter((id) => !rows.has(id) && owner.ids.delete(id));
    owner.rows = rows;
    const labelOf: LabelOf = (deviceId) => {
      if (this.owners.get(ownerId) !== owner) return undefined;
      const label = owner.rows?.has(deviceId) === true ? deviceId : OTHER_IDS;
      owner.ids.add(label);
      return label;
    };
    return { labelOf, gone: this.unowned(gone) };
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
