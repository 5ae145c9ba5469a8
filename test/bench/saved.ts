// A run of the benchmarks as a file, and a later run beside it.

import { readFileSync } from 'node:fs';
import { isTime } from './cases.ts';

/** One case: the median of several runs, the lowest and the highest. */
export interface Result {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** What `--json` writes. */
export interface SavedRun {
  readonly machine: string;
  readonly results: readonly Result[];
}

/** @throws if it is no saved run */
export function readSaved(path: string): SavedRun {
  const saved: SavedRun = JSON.parse(readFileSync(path, 'utf8'));
  if (!Array.isArray(saved.results)) throw new Error(`${path} was not written by bench --json`);
  return saved;
}

/** How many times as fast as before: above 1 is better, whatever the unit. */
export function speedup(unit: string, before: number, after: number): number {
  return isTime({ unit }) ? before / after : after / before;
}

/** One line per case that both have; how many are slower than `tolerance` allows. */
export function compare(
  saved: SavedRun,
  results: readonly Result[],
  tolerance: number,
): { readonly lines: string[]; readonly slower: number } {
  let slower = 0;
  const lines = results.flatMap(({ name, unit, median }) => {
    const before = saved.results.find((other) => other.name === name);
    if (before === undefined) return [];
    const ratio = speedup(unit, before.median, median);
    const isSlower = ratio < 1 - tolerance;
    if (isSlower) slower++;
    return [verdict(name, ratio, isSlower)];
  });
  return { lines, slower };
}

/** '1  pod - SNAT …    1.21 x', with a word if it is too slow. */
export function verdict(name: string, ratio: number, isSlower: boolean): string {
  return `${name.padEnd(62)} ${ratio.toFixed(2).padStart(6)} x${isSlower ? '  slower' : ''}`;
}
