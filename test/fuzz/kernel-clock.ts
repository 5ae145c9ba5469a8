// Where the kernel's clock of ticks stands. Its timers fire at ticks, long ones at every eighth or
// sixty-fourth, so when one ends depends on the tick at which it began: the lab starts at the same.

import { readFileSync } from 'node:fs';

/** HZ=250, as the lab's timers have it. */
const TICK_MILLISECONDS = 4;
/** The coarsest timers that a case can live to see are those of 131 s: one tick in 512. */
const TICKS = 4096;
const SAMPLES = 20;

let offset: number | null = null;

/** Milliseconds since the last tick whose number is divisible by 4096, at a time of `performance.now()`. */
export function kernelPhase(now: number): number {
  offset ??= measure();
  const period = TICKS * TICK_MILLISECONDS;
  return (((now + offset) % period) + period) % period;
}

/** What to add to `performance.now()`: ticks come at multiples of 4 ms of CLOCK_MONOTONIC. */
function measure(): number {
  const monotonic = Number(process.hrtime.bigint()) / 1e6 - performance.now();
  let ahead = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < SAMPLES; i++) {
    // The number may be printed late, or not be up to date yet, but never ahead of its time.
    const text = readFileSync('/proc/timer_list', 'latin1');
    const after = Math.floor((performance.now() + monotonic) / TICK_MILLISECONDS);
    const ticks = Number(/^jiffies: (\d+)$/m.exec(text)?.[1] ?? 0);
    ahead = Math.max(ahead, ticks - after);
  }
  return monotonic + ahead * TICK_MILLISECONDS;
}
