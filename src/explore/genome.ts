// One variant of a topology, in few numbers: which faults when, which seed, which step times. Times are whole
// tenths of a second: floats drift when they are added, and rounding is what shrinking does anyway.

import { hashName } from '../sim/random.ts';
import type { FaultName } from '../topology/explore.ts';

/** Tenths of a second of lab time. */
export type Decis = number;

/** A fault and its cure in one. */
export interface Item {
  readonly kind: FaultName;
  readonly at: Decis;
  /** Null: it stays to the end. */
  readonly for: Decis | null;
  /** What it is aimed at: machines, cables, a segment; of `api` the words of the change. */
  readonly on: readonly string[];
  /** What else the kind draws: percent, count, gap, order. */
  readonly with: Readonly<Record<string, number>>;
}

/** One run of an exploration. */
export interface Genome {
  /** Null: the topology's. */
  readonly seed: number | null;
  /** Sorted by time, kind and target. */
  readonly items: readonly Item[];
  /** By how much each step of the scenario is moved; empty: not at all. */
  readonly moves: readonly Decis[];
}

/** The run without any change. */
export const PLAIN: Genome = { seed: null, items: [], moves: [] };

/** Equal runs have equal forms. */
export function canonical({ items, moves, seed }: Genome): Genome {
  const sorted = [...items].sort(
    (a, b) => a.at - b.at || compare(a.kind, b.kind) || compare(a.on.join(), b.on.join()),
  );
  return { seed, items: sorted, moves: moves.every((move) => move === 0) ? [] : moves };
}

/** 16 hex digits over the canonical form. */
export function genomeId(genome: Genome): string {
  return digestOf(JSON.stringify(canonical(genome)));
}

/** 16 hex digits over a text: two runs of FNV-1a from different starts. */
export function digestOf(text: string): string {
  const half = (salt: string): string =>
    hashName(salt + text)
      .toString(16)
      .padStart(8, '0');
  return half('') + half('egresslab');
}

/** As a line for people: 'power worker02 12s for 8s'. */
export function itemText({ at, for: duration, kind, on, with: more }: Item): string {
  const rest = Object.entries(more).map(([key, value]) => ` ${key} ${value}`);
  const end = duration === null ? 'to the end' : `for ${duration / 10}s`;
  return `${kind} ${on.join('+')} at ${at / 10}s ${end}${rest.join('')}`;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
