// Makes a failing run small: fewer faults, the topology's own seed and times, shorter and rounder faults, fewer
// machines, pods and flows; until nothing can go. The same property must break about the same subject. Pure:
// the same failure shrinks to the same minimum. Bounded, and each best so far fails.

import { EgressLabError } from '../base/errors.ts';
import type { Subject } from '../scenario/properties/breach.ts';
import { emptyMap, isMap, type PlainMap, type PlainValue } from '../schema/plain-value.ts';
import { ExploreBase, listAt, mapAt } from './base.ts';
import { canonical, type Decis, type Genome, genomeId, type Item } from './genome.ts';
import { type BrokenProperty, runGenome } from './run.ts';

/** What is to be made small. */
export interface ShrinkRequest {
  readonly genome: Genome;
  readonly property: string;
  readonly subject: Subject;
}

/** What is left. */
export interface Shrunk {
  readonly request: ShrinkRequest;
  readonly genome: Genome;
  /** The explored topology without what the failure does not need. */
  readonly document: PlainMap;
  readonly broke: BrokenProperty;
  /** How many runs that took. */
  readonly runs: number;
}

/** Usual failures need 30 to 60. */
const RUNS = 200;

/** Null when the run does not fail so, which would be a lab that is not reproducible. */
export function shrink(
  base: ExploreBase,
  request: ShrinkRequest,
  isLate: () => boolean = () => false,
): Shrunk | null {
  return new Shrinker(base, request, isLate).shrink();
}

class Shrinker {
  readonly #request: ShrinkRequest;
  readonly #isLate: () => boolean;
  readonly #known = new Map<string, BrokenProperty | null>();
  #base: ExploreBase;
  #genome: Genome;
  #broke: BrokenProperty | null = null;
  #runs = 0;

  constructor(base: ExploreBase, request: ShrinkRequest, isLate: () => boolean) {
    this.#base = base;
    this.#request = request;
    this.#genome = canonical(request.genome);
    this.#isLate = isLate;
  }

  shrink(): Shrunk | null {
    if (!this.#accept(this.#base, this.#genome)) return null;
    this.#fewerItems();
    this.#plain();
    this.#simpler();
    this.#fewerParts();
    this.#fewerItems();
    this.#simpler();
    const broke = this.#broke;
    if (broke === null) return null;
    const { document } = this.#base;
    return { request: this.#request, genome: this.#genome, document, broke, runs: this.#runs };
  }

  /** True if it fails the same way; then it is the best so far. */
  #accept(base: ExploreBase, genome: Genome): boolean {
    const form = canonical(genome);
    const key = `${base.digest} ${genomeId(form)}`;
    let broke = this.#known.get(key);
    if (broke === undefined) {
      if (this.#runs >= RUNS) return false;
      this.#runs++;
      const { property, subject } = this.#request;
      broke =
        runGenome(base, form, this.#isLate).broke.find(
          (each) =>
            each.property === property &&
            each.subject.kind === subject.kind &&
            each.subject.name === subject.name,
        ) ?? null;
      this.#known.set(key, broke);
    }
    if (broke === null) return false;
    this.#base = base;
    this.#genome = form;
    this.#broke = broke;
    return true;
  }

  /** Halves first, then one by one. */
  #fewerItems(): void {
    for (
      let size = Math.ceil(this.#genome.items.length / 2);
      size >= 1;
      size = Math.floor(size / 2)
    ) {
      for (let start = 0; start < this.#genome.items.length; ) {
        const items = this.#genome.items.filter(
          (_, index) => index < start || index >= start + size,
        );
        if (!this.#accept(this.#base, { ...this.#genome, items })) start += size;
      }
    }
  }

  #plain(): void {
    this.#accept(this.#base, { ...this.#genome, seed: null });
    this.#accept(this.#base, { ...this.#genome, moves: [] });
  }

  #simpler(): void {
    for (let index = 0; index < this.#genome.items.length; index++) {
      for (const grid of [100, 50, 10]) {
        if (this.#change(index, (item) => ({ ...item, at: Math.round(item.at / grid) * grid })))
          break;
      }
      this.#change(index, (item) => ({ ...item, with: plainest(item) }));
      for (let round = 0; round < 6; round++) {
        const isShorter = this.#change(index, (item) =>
          item.for === null || item.for <= 10 ? null : { ...item, for: Math.floor(item.for / 2) },
        );
        if (!isShorter) break;
      }
      for (const grid of [50, 10]) {
        const isRound = this.#change(index, (item) =>
          item.for === null
            ? null
            : { ...item, for: Math.max(grid, Math.ceil(item.for / grid) * grid) },
        );
        if (isRound) break;
      }
    }
  }

  #change(index: number, change: (item: Item) => Item | null): boolean {
    const { items } = this.#genome;
    const item = items[index];
    const changed = item === undefined ? null : change(item);
    if (changed === null || item === undefined) return false;
    if (JSON.stringify(changed) === JSON.stringify(item)) return false;
    return this.#accept(this.#base, {
      ...this.#genome,
      items: items.map((each, at) => (at === index ? changed : each)),
    });
  }

  /** Flows, pods and machines that the failure does not need. */
  #fewerParts(): void {
    for (const path of [
      ['scenario', 'flows'],
      ['cluster', 'pods'],
      ['cluster', 'nodes'],
      ['hosts'],
    ]) {
      for (const name of Object.keys(path.reduce(mapAt, this.#base.document))) {
        const base = this.#without(path, name);
        if (base !== null) this.#accept(base, this.#genome);
      }
    }
  }

  /** Null when what is left is no topology, or a fault is aimed at what is gone. */
  #without(path: readonly string[], name: string): ExploreBase | null {
    const document = withoutPart(this.#base.document, path, name);
    const { fabrics, place } = this.#base;
    const aimed = this.#genome.items.some(({ on }) =>
      on.some((word) => word.split('/')[0] === name),
    );
    if (aimed) return null;
    try {
      const base = new ExploreBase(document, place.changes, fabrics);
      base.variant(this.#genome);
      return base;
    } catch (error) {
      if (error instanceof EgressLabError) return null;
      throw error;
    }
  }
}

/** All frames lost, both ways; nothing reversed. */
function plainest({ kind, with: more }: Item): Readonly<Record<string, number>> {
  if (kind === 'loss') return { percent: 100, way: more.way ?? 2 };
  if (kind === 'rolling') return { ...more, reversed: 0 };
  return more;
}

/** With what hangs on it: pods of a node, flows of a pod or machine, steps that name it. */
export function withoutPart(document: PlainMap, path: readonly string[], name: string): PlainMap {
  const removed = new Set([name]);
  const isNode = path.join() === 'cluster,nodes';
  for (const [pod, value] of Object.entries(mapAt(mapAt(document, 'cluster'), 'pods'))) {
    if (isNode && isMap(value) && value.node === name) removed.add(pod);
  }
  const isGone = (word: PlainValue | undefined): boolean =>
    typeof word === 'string' && removed.has(word.split('/')[0] ?? '');
  const keep = (map: PlainMap, isKept: (key: string, value: PlainValue) => boolean): PlainMap =>
    Object.assign(
      emptyMap(),
      Object.fromEntries(Object.entries(map).filter(([key, value]) => isKept(key, value))),
    );
  const scenario = mapAt(document, 'scenario');
  const flows = keep(mapAt(scenario, 'flows'), (key, value) => {
    if (path.join() === 'scenario,flows') return key !== name;
    return !isMap(value) || !(isGone(value.from) || isGone(value.to));
  });
  const steps = listAt(scenario, 'steps').filter((step) => {
    if (!isMap(step)) return true;
    const words = Object.values(step).filter((value) => typeof value === 'string');
    return !words.some((text) => text.split(/[\s/]+/).some((word) => removed.has(word)));
  });
  const result = Object.assign(emptyMap(), document);
  if (path[0] === 'hosts') result.hosts = keep(mapAt(document, 'hosts'), (key) => key !== name);
  if (path[0] === 'cluster') {
    const cluster = Object.assign(emptyMap(), mapAt(document, 'cluster'));
    cluster.nodes = keep(mapAt(cluster, 'nodes'), (key) => !removed.has(key));
    cluster.pods = keep(mapAt(cluster, 'pods'), (key) => !removed.has(key));
    result.cluster = cluster;
  }
  result.scenario = Object.assign(emptyMap(), scenario, { flows, steps });
  const capture = listAt(document, 'capture').filter((port) => !isGone(port));
  if (Array.isArray(document.capture))
    result.capture = capture.length === 0 ? ['drops'] : [...capture];
  return result;
}

/** Times of a genome, all moved by so much. */
export function shifted(genome: Genome, by: Decis): Genome {
  const items = genome.items.map((item) => ({ ...item, at: Math.max(0, item.at + by) }));
  return canonical({ ...genome, items });
}
