// Every run afresh: kinds with equal chance, then targets, then times and durations.

import { Random } from '../../sim/random.ts';
import type { Genome } from '../genome.ts';
import type { Space } from '../space.ts';
import type { Strategy } from './strategy.ts';

/** Uniform, but stratified by kind. */
export class Fresh implements Strategy {
  readonly size = null;
  readonly #space: Space;
  readonly #random: Random;

  constructor(space: Space, seed: number) {
    this.#space = space;
    this.#random = new Random(seed);
  }

  tell(): void {}

  draw(index: number): Genome {
    return this.#space.draw(this.#random.fork(`run ${index}`));
  }
}
