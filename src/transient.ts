/**
 * A map and a set for what comes and goes with each toggle.
 *
 * V8 replaces the table of a Map or Set as its entries come and go, and each table keeps a reference to the one that
 * replaced it. Once a table has survived two collections of young garbage, which happens whenever traffic pauses, all that
 * came after it counts as in use until the next collection of everything: tables, their entries, and whatever these refer to.
 * A new Map now and then ends that chain.
 */

const NONE: readonly never[] = [];
/** Entries that are added before the next new Map or Set, besides twice those that it has to copy. */
const LIFE = 64;

type Entries<K> = Pick<Set<K>, 'size' | 'has' | 'delete'>;

abstract class Transient<K, E extends Entries<K>> {
  /** Absent while it is empty: a Map that becomes empty would make itself a new table as well. */
  protected entries: E | undefined;
  private added = 0;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  has(key: K): boolean {
    return this.entries?.has(key) ?? false;
  }

  delete(key: K): boolean {
    const { entries } = this;
    if (entries?.size !== 1) return entries?.delete(key) ?? false;
    if (!entries.has(key)) return false;
    this.entries = undefined;
    return true;
  }

  clear(): void {
    this.entries = undefined;
  }

  protected abstract copy(entries: E | undefined): E;

  /** Where to add one. */
  protected forOneMore(): E {
    this.added += 1;
    if (this.entries && this.added <= LIFE + 2 * this.entries.size) return this.entries;
    this.added = 0;
    this.entries = this.copy(this.entries);
    return this.entries;
  }
}

/** Has what is used of a Map. An iteration does not hear of what is added meanwhile, but may still bring what was deleted. */
export class TransientMap<K, V> extends Transient<K, Map<K, V>> {
  get(key: K): V | undefined {
    return this.entries?.get(key);
  }

  set(key: K, value: V): void {
    this.forOneMore().set(key, value);
  }

  /** In the order in which they were added. */
  keys(): Iterable<K> {
    return this.entries?.keys() ?? NONE;
  }

  values(): Iterable<V> {
    return this.entries?.values() ?? NONE;
  }

  [Symbol.iterator](): Iterator<[K, V]> {
    return (this.entries ?? NONE)[Symbol.iterator]();
  }

  protected copy(entries?: Map<K, V>): Map<K, V> {
    return new Map(entries);
  }
}

/** The same for a Set. */
export class TransientSet<T> extends Transient<T, Set<T>> {
  add(value: T): void {
    this.forOneMore().add(value);
  }

  /** In the order in which they were added. */
  keys(): Iterable<T> {
    return this.entries?.keys() ?? NONE;
  }

  [Symbol.iterator](): Iterator<T> {
    return (this.entries ?? NONE)[Symbol.iterator]();
  }

  protected copy(entries?: Set<T>): Set<T> {
    return new Set(entries);
  }
}
