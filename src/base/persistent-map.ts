// A map by text that is never changed: a change makes another map, which shares all but one bucket with this
// one. Many readers who have heard the same can hold the same map, and one who lags keeps an older one for the
// price of what differs. Values come in the order of buckets, which depends on the keys alone, not of insertion.

const BUCKETS = 256;
const EMPTY: ReadonlyMap<string, never> = new Map<string, never>();

/** An immutable map by text. */
export class PersistentMap<V> {
  readonly size: number;
  readonly #buckets: readonly ReadonlyMap<string, V>[];

  private constructor(buckets: readonly ReadonlyMap<string, V>[], size: number) {
    this.#buckets = buckets;
    this.size = size;
  }

  /** A map of these entries; the last of a key counts. */
  static of<V>(entries: Iterable<readonly [string, V]> = []): PersistentMap<V> {
    const buckets: Map<string, V>[] = [];
    for (const [key, value] of entries) {
      const at = bucketOf(key);
      const bucket = buckets[at] ?? new Map<string, V>();
      buckets[at] = bucket.set(key, value);
    }
    const size = buckets.reduce((sum, bucket) => sum + bucket.size, 0);
    return new PersistentMap(
      Array.from({ length: BUCKETS }, (_, at) => buckets[at] ?? EMPTY),
      size,
    );
  }

  get(key: string): V | undefined {
    return this.#buckets[bucketOf(key)]?.get(key);
  }

  has(key: string): boolean {
    return this.#buckets[bucketOf(key)]?.has(key) === true;
  }

  /** This map with another value for a key. */
  with(key: string, value: V): PersistentMap<V> {
    const at = bucketOf(key);
    const before = this.#buckets[at] ?? EMPTY;
    const bucket = new Map(before).set(key, value);
    return new PersistentMap(this.#buckets.with(at, bucket), this.size + bucket.size - before.size);
  }

  /** This map without a key; itself when there is no such key. */
  without(key: string): PersistentMap<V> {
    if (!this.has(key)) return this;
    const at = bucketOf(key);
    const bucket = new Map(this.#buckets[at]);
    bucket.delete(key);
    return new PersistentMap(this.#buckets.with(at, bucket), this.size - 1);
  }

  *entries(): Generator<readonly [string, V]> {
    for (const bucket of this.#buckets) yield* bucket;
  }

  *values(): Generator<V> {
    for (const bucket of this.#buckets) yield* bucket.values();
  }
}

/** FNV-1a, folded. */
function bucketOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (BUCKETS - 1);
}
