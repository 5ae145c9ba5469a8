// Every combination of so many faults on a grid of times, once. Symmetric nodes count twice at most. A fault
// lasts ten seconds; its other numbers are the middle of what is drawn.

import { canonical, type Decis, type Genome, type Item } from '../genome.ts';
import { FAULT_KINDS } from '../kinds/index.ts';
import type { Space } from '../space.ts';
import type { Strategy } from './strategy.ts';

const DURATION: Decis = 100;

/** The grid, in the order of size: singles, then pairs, and so on. */
export class Systematic implements Strategy {
  readonly size: number;
  readonly #singles: readonly Item[];
  readonly #upTo: number;

  constructor(space: Space, grid: Decis, upTo: number) {
    const { window } = space.bounds;
    const singles: Item[] = [];
    for (let at = window.from; at <= window.to; at += grid) {
      for (const { kind, on } of space.distinctAtoms) {
        const drawn = FAULT_KINDS[kind].draw(null);
        singles.push(space.fit({ kind, at, for: DURATION, on, with: drawn }));
      }
    }
    this.#singles = singles;
    this.#upTo = upTo;
    let size = 0;
    for (let count = 1; count <= upTo; count++) size += choose(singles.length, count);
    this.size = size;
  }

  tell(): void {}

  draw(index: number): Genome {
    let rest = index;
    for (let count = 1; count <= this.#upTo; count++) {
      const size = choose(this.#singles.length, count);
      if (rest < size) return this.#combination(rest, count);
      rest -= size;
    }
    return { seed: null, items: [], moves: [] };
  }

  /** The combinatorial number system: combination number `rank` of `count` singles. */
  #combination(rank: number, count: number): Genome {
    const items: Item[] = [];
    let rest = rank;
    let above = this.#singles.length;
    for (let size = count; size > 0; size--) {
      let index = above - 1;
      while (choose(index, size) > rest) index--;
      rest -= choose(index, size);
      above = index;
      const item = this.#singles[index];
      if (item !== undefined) items.push(item);
    }
    return canonical({ seed: null, items, moves: [] });
  }
}

function choose(n: number, k: number): number {
  if (n < k) return 0;
  let result = 1;
  for (let i = 0; i < k; i++) result = (result * (n - i)) / (i + 1);
  return Math.round(result);
}
