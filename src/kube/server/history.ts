// The latest writes of a store, so that a watch can start in the past. Bounded as the API server's
// watch cache is: who asks for more gets 410 Expired and has to list again.

import type { Change } from './watch.ts';

/** Of all changes that are remembered; large objects are forgotten sooner. */
const MAX_OCTETS = 64 * 1024 * 1024;

/** Changes of all kinds, oldest first. */
export class WatchHistory {
  readonly #limit: number;
  #changes: Change[] = [];
  #octets: number[] = [];
  #total = 0;
  /** Everything up to and including this version has been forgotten. */
  #forgotten = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The newest version that a watch can no longer start before. */
  get forgotten(): number {
    return this.#forgotten;
  }

  /** @param octets what the change keeps in memory */
  push(change: Change, octets: number): void {
    this.#changes.push(change);
    this.#octets.push(octets);
    this.#total += octets;
    // Trimmed in halves, so that the cost per write stays constant.
    const { length } = this.#changes;
    if (length >= 2 * this.#limit) this.#forget(this.#limit);
    else if (this.#total > MAX_OCTETS) this.#forget(Math.ceil(length / 2));
  }

  #forget(count: number): void {
    this.#forgotten = this.#changes[count - 1]?.version ?? this.#forgotten;
    this.#changes = this.#changes.slice(count);
    for (const octets of this.#octets.splice(0, count)) this.#total -= octets;
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
