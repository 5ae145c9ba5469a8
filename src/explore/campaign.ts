// A campaign: which runs are next, and what all results so far amount to. A reducer: results are taken in the
// order of runs, whoever brings them in whichever order, so the same header and the same lag give the same.

import type { PlainMap } from '../schema/plain-value.ts';
import type { FaultName } from '../topology/explore.ts';
import type { Decis, Genome } from './genome.ts';
import type { NamedChange } from './kinds/kind.ts';
import type { BrokenProperty, ExploreResult } from './run.ts';
import type { ShrinkRequest } from './shrink.ts';
import type { Space, SpaceBounds } from './space.ts';
import { Fresh } from './strategy/fresh.ts';
import { Guided } from './strategy/guided.ts';
import type { Strategy, StrategyName } from './strategy/strategy.ts';
import { Systematic } from './strategy/systematic.ts';

/** What makes a campaign what it is: two with one header are the same, runs and findings. */
export interface CampaignHeader {
  /** Of egresslab. */
  readonly version: string;
  readonly name: string;
  readonly document: PlainMap;
  readonly changes: readonly NamedChange[];
  readonly bounds: SpaceBounds;
  readonly strategy: StrategyName;
  /** Of `systematic`. */
  readonly grid: Decis;
  readonly seed: number;
  /** Run i has seen the results up to i - lag. */
  readonly lag: number;
  /** Runs i with i mod of = slice; a whole campaign is slice 0 of 1. */
  readonly slice: number;
  readonly slices: number;
}

/** A run that is to be made. */
export interface PlannedRun {
  readonly index: number;
  readonly genome: Genome;
}

/** How coverage grew: states known after so many runs. */
export interface CoveragePoint {
  readonly runs: number;
  readonly states: number;
}

/** How many runs broke the same about the same, before shrinking. */
export interface Suspicion {
  readonly request: ShrinkRequest;
  readonly first: number;
  count: number;
}

/** At most so many of one property are shrunk: what more there is repeats them. */
const SUSPICIONS_LIMIT = 24;
const COVERAGE_POINTS = 200;

/** Runs of a campaign, drawn and judged. */
export class Campaign {
  readonly header: CampaignHeader;
  readonly space: Space;
  readonly #strategy: Strategy;
  readonly #waiting = new Map<number, ExploreResult>();
  readonly #states = new Set<number>();
  readonly #suspicions = new Map<string, Suspicion>();
  readonly #judged = new Map<string, number>();
  readonly #tried = new Map<FaultName, number>();
  readonly #pairs = new Set<string>();
  #told: ExploreResult[] = [];
  #drawn = 0;
  #taken = 0;
  #lastNew = 0;
  #singletons = new Map<number, number>();
  #coverage: CoveragePoint[] = [];
  #every = 1;

  constructor(header: CampaignHeader, space: Space) {
    this.header = header;
    this.space = space;
    this.#strategy = strategyOf(header, space);
  }

  /** How many runs there are to make; null: no end. */
  get size(): number | null {
    const { size } = this.#strategy;
    const { slice, slices } = this.header;
    return size === null ? null : Math.max(0, Math.ceil((size - slice) / slices));
  }

  /** Results taken so far. */
  get runs(): number {
    return this.#taken;
  }

  /** Different abstract states so far. */
  get states(): number {
    return this.#states.size;
  }

  /** Runs since the last that showed something new. */
  get sinceNew(): number {
    return this.#taken - this.#lastNew;
  }

  /** The chance that the next run shows something new (Good-Turing: states seen once, by runs). */
  get novelty(): number {
    const once = [...this.#singletons.values()].filter((count) => count === 1).length;
    return this.#taken === 0 ? 1 : Math.min(1, once / this.#taken);
  }

  get coverage(): readonly CoveragePoint[] {
    return [...this.#coverage, { runs: this.#taken, states: this.#states.size }];
  }

  /** What broke, each kind of breach once, in the order of first sight. */
  get suspicions(): readonly Suspicion[] {
    return [...this.#suspicions.values()];
  }

  /** How often each property was judged. */
  get judged(): ReadonlyMap<string, number> {
    return this.#judged;
  }

  /** How often each kind of fault was tried. */
  get tried(): ReadonlyMap<FaultName, number> {
    return this.#tried;
  }

  /** Pairs of kinds that no run had yet, of all there are. */
  get untriedPairs(): readonly string[] {
    const kinds = [...new Set(this.space.atoms.map(({ kind }) => kind))];
    const all = kinds.flatMap((a, index) => kinds.slice(index).map((b) => [a, b].sort().join('+')));
    return all.filter((pair) => !this.#pairs.has(pair));
  }

  /** The next run; null when too many are under way, or there are no more. */
  next(): PlannedRun | null {
    const { size } = this;
    if (size !== null && this.#drawn >= size) return null;
    if (this.#drawn - this.#taken >= this.header.lag) return null;
    const { slice, slices } = this.header;
    // Draw number d has seen exactly the results before d - lag + 1.
    const toTell = this.#drawn - this.header.lag + 1;
    while (this.#told.length > 0 && this.#toldCount < toTell) {
      const result = this.#told.shift();
      if (result !== undefined) this.#strategy.tell(result);
      this.#toldCount++;
    }
    const index = this.#drawn++;
    return { index, genome: this.#strategy.draw(index * slices + slice) };
  }

  /** A result came; one that came before is no news. True for news. */
  accept(index: number, result: ExploreResult): boolean {
    if (index < this.#taken || this.#waiting.has(index)) return false;
    this.#waiting.set(index, result);
    return true;
  }

  /** Results in the order of runs, as far as there are no gaps. */
  take(): readonly ExploreResult[] {
    const taken: ExploreResult[] = [];
    for (;;) {
      const result = this.#waiting.get(this.#taken);
      if (result === undefined) return taken;
      this.#waiting.delete(this.#taken);
      this.#note(result);
      this.#taken++;
      taken.push(result);
    }
  }

  #toldCount = 0;

  #note(result: ExploreResult): void {
    this.#told.push(result);
    const before = this.#states.size;
    for (const state of result.states) {
      this.#states.add(state);
      this.#singletons.set(state, Math.min(2, (this.#singletons.get(state) ?? 0) + 1));
    }
    if (this.#states.size > before) this.#lastNew = this.#taken + 1;
    if (this.#taken % this.#every === 0) {
      this.#coverage.push({ runs: this.#taken, states: this.#states.size });
      if (this.#coverage.length > COVERAGE_POINTS) {
        this.#coverage = this.#coverage.filter((_, index) => index % 2 === 0);
        this.#every *= 2;
      }
    }
    for (const property of result.judged) {
      this.#judged.set(property, (this.#judged.get(property) ?? 0) + 1);
    }
    const kinds = result.genome.items.map(({ kind }) => kind);
    for (const kind of kinds) this.#tried.set(kind, (this.#tried.get(kind) ?? 0) + 1);
    for (const [index, a] of kinds.entries()) {
      for (const b of kinds.slice(index + 1)) this.#pairs.add([a, b].sort().join('+'));
    }
    for (const broke of result.broke) this.#suspect(result.genome, broke);
  }

  #suspect(genome: Genome, { property, subject }: BrokenProperty): void {
    const kinds = [...new Set(genome.items.map(({ kind }) => kind))].sort().join('+');
    const key = `${property} ${subject.kind} ${kinds}`;
    const known = this.#suspicions.get(key);
    if (known !== undefined) {
      known.count++;
      return;
    }
    const alike = this.suspicions.filter(({ request }) => request.property === property);
    if (alike.length >= SUSPICIONS_LIMIT) {
      const last = alike.at(-1);
      if (last !== undefined) last.count++;
      return;
    }
    const request = { genome, property, subject };
    this.#suspicions.set(key, { request, first: this.#taken, count: 1 });
  }
}

function strategyOf({ grid, seed, strategy }: CampaignHeader, space: Space): Strategy {
  switch (strategy) {
    case 'random':
      return new Fresh(space, seed);
    case 'systematic':
      return new Systematic(space, grid, space.bounds.upTo);
    default:
      return new Guided(space, seed);
  }
}
