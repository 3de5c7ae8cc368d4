/**
 * A map and a set for what comes and goes with each toggle.
 *
 * V8 replaces the table of a Map or Set as its entries come and go, and each table keeps a reference to the one that
 * replaced it. Once a table has survived two collections of young garbage, which happens whenever traffic pauses, all that
 * came after it counts as in use until the next collection of everything: tables, their entries, and whatever these refer to.
 * A new Map now and then ends that chain.
 */

const NONE: readonly never[] = [];
/** Entries that are added before the next new Map, besides twice those that it has to copy. */
const LIFE = 64;

/** Has what is used of a Map. An iteration does not hear of what is added meanwhile, but may still bring what was deleted. */
export class TransientMap<K, V> {
  /** Absent while it is empty: a Map that becomes empty would make itself a new table as well. */
  private map: Map<K, V> | undefined;
  private added = 0;

  get size(): number {
    return this.map?.size ?? 0;
  }

  get(key: K): V | undefined {
    return this.map?.get(key);
  }

  has(key: K): boolean {
    return this.map?.has(key) ?? false;
  }

  set(key: K, value: V): void {
    this.added += 1;
    if (!this.map || this.added > LIFE + 2 * this.map.size) {
      this.map = new Map(this.map);
      this.added = 0;
    }
    this.map.set(key, value);
  }

  delete(key: K): boolean {
    const { map } = this;
    if (map?.size !== 1) return map?.delete(key) ?? false;
    if (!map.has(key)) return false;
    this.map = undefined;
    return true;
  }

  clear(): void {
    this.map = undefined;
  }

  /** In the order in which they were added. */
  keys(): Iterable<K> {
    return this.map?.keys() ?? NONE;
  }

  values(): Iterable<V> {
    return this.map?.values() ?? NONE;
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return (this.map ?? NONE)[Symbol.iterator]();
  }
}

/** The same for a Set. */
export class TransientSet<T> {
  private readonly members = new TransientMap<T, true>();

  get size(): number {
    return this.members.size;
  }

  has(value: T): boolean {
    return this.members.has(value);
  }

  add(value: T): void {
    this.members.set(value, true);
  }

  delete(value: T): boolean {
    return this.members.delete(value);
  }

  /** In the order in which they were added. */
  keys(): Iterable<T> {
    return this.members.keys();
  }

  [Symbol.iterator](): Iterator<T> {
    return this.members.keys()[Symbol.iterator]();
  }
}
