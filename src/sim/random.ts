// Seeded chance. A stream is forked by name, so that adding a component to a lab does not change
// what another component draws. Generator: sfc32 (PractRand-clean, 2 ns); seeding: splitmix32.

import { assert } from '../base/assert.ts';

/** What splitmix32 gives when it is asked for the `nth` time, counted from 1. */
function splitmix32(state: number, nth: number): number {
  const s = (state + Math.imul(nth, 0x9e37_79b9)) | 0;
  let z = s ^ (s >>> 16);
  z = Math.imul(z, 0x21f0_aaad);
  z = z ^ (z >>> 15);
  z = Math.imul(z, 0x735a_2d97);
  return (z ^ (z >>> 15)) >>> 0;
}

/** FNV-1a over UTF-16 code units, 32 bits. */
export function hashName(name: string): number {
  let hash = 0x811c_9dc5;
  for (let i = 0; i < name.length; i++) {
    hash = Math.imul(hash ^ name.charCodeAt(i), 0x0100_0193);
  }
  return hash >>> 0;
}

/** A stream of seeded chance; `fork` makes one that is independent of the others. */
export class Random {
  /** What reproduces this stream; print it in every failure. */
  readonly seed: number;
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(seed: number) {
    this.seed = seed >>> 0;
    this.#a = splitmix32(seed, 1) | 0;
    this.#b = splitmix32(seed, 2) | 0;
    this.#c = splitmix32(seed, 3) | 0;
    for (let i = 0; i < 12; i++) this.uint32();
  }

  /** An independent stream that depends only on this stream's seed and the name. */
  fork(name: string): Random {
    return new Random(splitmix32(this.seed ^ hashName(name), 1));
  }

  /** Uniform over 0 .. 2^32-1. */
  uint32(): number {
    const t = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + t;
    return t >>> 0;
  }

  /** Uniform over [0, 1). */
  unit(): number {
    return this.uint32() / 0x1_0000_0000;
  }

  /** A uniform integer in [low, high], both included. */
  integer(low: number, high: number): number {
    assert(high >= low, 'a range is not empty');
    return low + Math.floor(this.unit() * (high - low + 1));
  }

  /** True with the given probability; draws nothing for 0 and 1. */
  chance(probability: number): boolean {
    if (probability <= 0) return false;
    return probability >= 1 || this.unit() < probability;
  }

  /** One of a non-empty list, each as likely. */
  pick<T>(list: readonly T[]): T {
    assert(list.length > 0, 'there is something to pick from');
    return list[this.integer(0, list.length - 1)] as T;
  }

  /** A shuffled copy (Fisher-Yates). */
  shuffle<T>(list: readonly T[]): T[] {
    const result = [...list];
    for (let i = result.length - 1; i > 0; i--) {
      const j = this.integer(0, i);
      const held = result[i] as T;
      result[i] = result[j] as T;
      result[j] = held;
    }
    return result;
  }
}
