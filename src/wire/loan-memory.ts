// Memory for what is over when its instant is over: slabs that are filled from the first on, and again
// once `reclaim` was called. Kernel devices write here, because the garbage collector took two fifths of
// the time when each frame of 5 Gbit/s had memory of its own.

import { assert } from '../base/assert.ts';

const SLAB_BYTES = 1024 * 1024;
/** What a busy instant took beyond this many is given back. */
const SLABS_KEPT = 16;
const ALIGNMENT = 8;

/** Slabs that frames on loan are windows on. Nothing in them outlives `reclaim`. */
export class LoanMemory {
  readonly #slabs: Uint8Array[] = [];
  readonly #views: DataView[] = [];
  /** The slab that is being filled. */
  #index = -1;
  #bytes: Uint8Array = new Uint8Array(0);
  #view: DataView = new DataView(new ArrayBuffer(0));
  #next = 0;

  get bytes(): Uint8Array {
    return this.#bytes;
  }

  get view(): DataView {
    return this.#view;
  }

  /** Where reserved room begins. */
  get start(): number {
    return this.#next;
  }

  /** Sees to it that `length` octets, at most a MiB, are free at `start`. Nothing is taken yet. */
  reserve(length: number): void {
    assert(length <= SLAB_BYTES, 'what is lent fits into a slab');
    if (this.#next + length <= this.#bytes.length) return;
    this.#index++;
    if (this.#index === this.#slabs.length) {
      const fresh = new Uint8Array(SLAB_BYTES);
      this.#slabs.push(fresh);
      this.#views.push(new DataView(fresh.buffer));
    }
    this.#use(this.#index);
  }

  /** Takes the first `length` octets of the reserved room; returns where they begin. */
  take(length: number): number {
    const start = this.#next;
    this.#next = (start + length + ALIGNMENT - 1) & -ALIGNMENT;
    return start;
  }

  /** The instant is over: what was lent will be written over. */
  reclaim(): void {
    if (this.#index < 0) return;
    if (this.#slabs.length > SLABS_KEPT) {
      this.#slabs.length = SLABS_KEPT;
      this.#views.length = SLABS_KEPT;
    }
    this.#index = 0;
    this.#use(0);
  }

  #use(index: number): void {
    this.#bytes = this.#slabs[index] ?? this.#bytes;
    this.#view = this.#views[index] ?? this.#view;
    this.#next = 0;
  }
}
