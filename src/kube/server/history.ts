// The latest writes of a store, so that a watch can start in the past. Bounded as the API server's
// watch cache is: who asks for more gets 410 Expired and has to list again.

import type { Change } from './watch.ts';

/** Changes of all kinds, oldest first. */
export class WatchHistory {
  readonly #limit: number;
  #changes: Change[] = [];
  /** Everything up to and including this version has been forgotten. */
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The newest version that a watch can no longer start before. */
  get forgotten(): number {
    return this.#forgotten;
  }

  push(change: Change): void {
    this.#changes.push(change);
    // Trimmed in halves, so that the cost per write stays constant.
    if (this.#changes.length < 2 * this.#limit) return;
    this.#forgotten = this.#changes[this.#limit - 1]?.version ?? this.#forgotten;
    this.#changes = this.#changes.slice(this.#limit);
  }

  /** Everything after `version`, oldest first. */
  since(version: number): readonly Change[] {
    let low = 0;
    let high = this.#changes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#changes[middle]?.version ?? 0) <= version) low = middle + 1;
      else high = middle;
    }
    return this.#changes.slice(low);
  }
}
