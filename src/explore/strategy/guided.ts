// Singles first, then fresh runs, then children of runs that showed something new, with a third fresh for
// ever. What breaks a property goes to the findings and not among the parents: guidance would dig where it
// has found. A parent that has no new children gets fewer.

import { Random } from '../../sim/random.ts';
import { canonical, type Decis, type Genome, genomeId, type Item } from '../genome.ts';
import { FAULT_KINDS } from '../kinds/index.ts';
import type { ExploreResult } from '../run.ts';
import type { Space } from '../space.ts';
import type { Strategy } from './strategy.ts';

/** Singles at three instants each, at most so many. */
const SINGLES = 100;
/** Fresh runs that follow: below a hundred runs chance is as good as anything. */
const FRESH = 100;
/** One run in so many is fresh forever. */
const FRESH_SHARE = 3;
/** The oldest parents make room. */
const PARENTS_LIMIT = 2_000;

interface Parent {
  readonly genome: Genome;
  readonly instants: readonly Decis[];
  /** States that it showed first. */
  readonly news: number;
  picks: number;
  /** States that its children showed first. */
  offspring: number;
}

/** Guided by the novelty of abstract states. */
export class Guided implements Strategy {
  readonly size = null;
  readonly #space: Space;
  readonly #random: Random;
  readonly #singles: readonly Genome[];
  readonly #seen = new Set<number>();
  #parents: Parent[] = [];
  /** Which parent a run came from, until its result is told. */
  readonly #origins = new Map<string, Parent>();

  constructor(space: Space, seed: number) {
    this.#space = space;
    this.#random = new Random(seed);
    this.#singles = singlesOf(space);
  }

  tell({ broke, genome, id, instants, states }: ExploreResult): void {
    let news = 0;
    for (const state of states) {
      if (this.#seen.has(state)) continue;
      this.#seen.add(state);
      news++;
    }
    const origin = this.#origins.get(id);
    this.#origins.delete(id);
    if (origin !== undefined) origin.offspring += news;
    if (news === 0 || broke.length > 0) return;
    this.#parents.push({ genome, instants, news, picks: 0, offspring: 0 });
    if (this.#parents.length > PARENTS_LIMIT)
      this.#parents = this.#parents.slice(PARENTS_LIMIT / 2);
  }

  draw(index: number): Genome {
    const single = this.#singles[index];
    if (single !== undefined) return single;
    const random = this.#random.fork(`run ${index}`);
    const isFresh = index < this.#singles.length + FRESH || random.integer(1, FRESH_SHARE) === 1;
    if (isFresh || this.#parents.length === 0) return this.#space.draw(random);
    const parent = this.#pick(random);
    const child = mutate(parent, this.#parents, this.#space, random);
    this.#origins.set(genomeId(child), parent);
    return child;
  }

  #pick(random: Random): Parent {
    const energies = this.#parents.map(
      ({ news, offspring, picks }) => (news + offspring) / (1 + picks),
    );
    const total = energies.reduce((sum, energy) => sum + energy, 0);
    let rest = random.unit() * total;
    let chosen = this.#parents.length - 1;
    for (const [index, energy] of energies.entries()) {
      rest -= energy;
      if (rest > 0) continue;
      chosen = index;
      break;
    }
    const parent = this.#parents[chosen] ?? random.pick(this.#parents);
    parent.picks++;
    return parent;
  }
}

/** Each target at an early, a middle and a late time, spread over the kinds. */
function singlesOf(space: Space): readonly Genome[] {
  const { from, to } = space.bounds.window;
  const times = [from, Math.floor((from + to) / 2), to];
  const atoms = space.distinctAtoms;
  const all = times.flatMap((at) =>
    atoms.map(({ kind, on }): Genome => {
      const drawn = FAULT_KINDS[kind].draw(null);
      const item = space.fit({ kind, at, for: 100, on, with: drawn });
      return canonical({ seed: null, items: [item], moves: [] });
    }),
  );
  const step = Math.max(1, all.length / SINGLES);
  return Array.from(
    { length: Math.min(all.length, SINGLES) },
    (_, i) => all[Math.floor(i * step)],
  ).filter((genome) => genome !== undefined);
}

/** One or two small changes of a parent. */
function mutate(parent: Parent, parents: readonly Parent[], space: Space, random: Random): Genome {
  let { genome } = parent;
  const rounds = random.integer(1, 2);
  for (let round = 0; round < rounds; round++) {
    genome = mutateOnce(genome, parent, parents, space, random);
  }
  return canonical(genome);
}

function mutateOnce(
  genome: Genome,
  parent: Parent,
  parents: readonly Parent[],
  space: Space,
  random: Random,
): Genome {
  const { items } = genome;
  const { upTo } = space.bounds;
  const index = items.length === 0 ? -1 : random.integer(0, items.length - 1);
  const item = items[index];
  const replace = (other: Item): Genome => ({
    ...genome,
    items: items.map((each, at) => (at === index ? space.fit(other) : each)),
  });
  const add = (other: Item): Genome =>
    items.length < upTo ? { ...genome, items: [...items, space.fit(other)] } : replace(other);
  switch (item === undefined ? 5 : random.integer(0, 6)) {
    case 0:
      return item === undefined
        ? genome
        : replace({ ...item, at: item.at + random.integer(-80, 80) });
    case 1: {
      if (item === undefined || item.for === null) return genome;
      const scaled = Math.round(item.for * (0.3 + 2.7 * random.unit()));
      return replace({ ...item, for: scaled });
    }
    case 2:
      return item === undefined ? genome : replace({ ...space.drawItem(random), at: item.at });
    case 3: {
      const other = random.pick(parents).genome.items;
      return other.length === 0 ? genome : add(random.pick(other));
    }
    case 4:
      return { ...genome, seed: space.drawSeed(random), moves: space.drawMoves(random) };
    case 5: {
      // Aimed: around a time at which something happened.
      const drawn = space.drawItem(random);
      if (parent.instants.length === 0) return add(drawn);
      return add({ ...drawn, at: random.pick(parent.instants) + random.integer(-5, 15) });
    }
    default:
      return items.length < 2
        ? add(space.drawItem(random))
        : { ...genome, items: items.filter((_, at) => at !== index) };
  }
}
