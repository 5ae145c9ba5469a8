// Repeated runs of one case, and their median. A case sets itself up anew for each run, so that no
// run lives off the caches of another.

import { performance } from 'node:perf_hooks';

/** One thing to measure. */
export interface Case {
  readonly name: string;
  readonly unit: string;
  /** What is hoped for, as people would say it. */
  readonly aim: string;
  /** Sets up, does the work, and returns the figure. */
  run(): number | Promise<number>;
}

export interface Measured {
  readonly median: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Runs a case a few times, the first one uncounted. */
export async function measure(run: Case['run'], runs: number): Promise<Measured> {
  await run();
  const figures: number[] = [];
  for (let i = 0; i < runs; i++) figures.push(await run());
  figures.sort((a, b) => a - b);
  const at = (index: number): number => figures[index] ?? Number.NaN;
  return {
    median: at(Math.floor(figures.length / 2)),
    lowest: at(0),
    highest: at(figures.length - 1),
  };
}

/** Milliseconds that `work` took. */
export function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}
