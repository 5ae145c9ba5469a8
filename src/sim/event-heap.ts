// A binary min-heap in the total order (deadline, sequence). Each entry knows its index, so that a
// cancelled timer leaves at once, in O(log n), and never lingers.

import type { Nanos } from './time.ts';

/** What the heap orders: by `deadline`, then by `sequence`. */
export interface HeapEntry {
  deadline: Nanos;
  sequence: number;
  /** Position in the heap; -1 when not in it. */
  index: number;
}

function before(a: HeapEntry, b: HeapEntry): boolean {
  return a.deadline < b.deadline || (a.deadline === b.deadline && a.sequence < b.sequence);
}

/** A binary heap whose entries know their place, so that any of them can be taken out. */
export class EventHeap<E extends HeapEntry> {
  readonly #entries: E[] = [];

  get size(): number {
    return this.#entries.length;
  }

  /** The entry due first, or null. */
  peek(): E | null {
    return this.#entries[0] ?? null;
  }

  push(entry: E): void {
    this.#entries.push(entry);
    this.#siftUp(entry, this.#entries.length - 1);
  }

  /** Removes and returns the entry due first, or null. */
  pop(): E | null {
    const first = this.#entries[0];
    if (first === undefined) return null;
    this.remove(first);
    return first;
  }

  /** Removes an entry that is in the heap. */
  remove(entry: E): void {
    const index = entry.index;
    const last = this.#entries.pop();
    entry.index = -1;
    if (last === undefined || last === entry) return;
    if (index > 0 && before(last, this.#at((index - 1) >> 1))) this.#siftUp(last, index);
    else this.#siftDown(last, index);
  }

  /** Restores the order after an entry in the heap became due later. */
  sink(entry: E): void {
    this.#siftDown(entry, entry.index);
  }

  #at(index: number): E {
    return this.#entries[index] as E;
  }

  #place(entry: E, index: number): void {
    this.#entries[index] = entry;
    entry.index = index;
  }

  #siftUp(entry: E, index: number): void {
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = this.#at(parentIndex);
      if (!before(entry, parent)) break;
      this.#place(parent, index);
      index = parentIndex;
    }
    this.#place(entry, index);
  }

  #siftDown(entry: E, index: number): void {
    const size = this.#entries.length;
    for (;;) {
      let childIndex = 2 * index + 1;
      if (childIndex >= size) break;
      let child = this.#at(childIndex);
      if (childIndex + 1 < size) {
        const right = this.#at(childIndex + 1);
        if (before(right, child)) {
          child = right;
          childIndex++;
        }
      }
      if (!before(child, entry)) break;
      this.#place(child, index);
      index = childIndex;
    }
    this.#place(entry, index);
  }
}
