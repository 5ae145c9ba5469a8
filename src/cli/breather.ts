// Lets the process look up from a run: a simulation is one long computation, and Node.js delivers
// signals only between computations.

import type { Nanos } from '../sim/time.ts';

/** Long enough to cost nothing (one turn of the event loop is about 1 us), short enough for Ctrl-C. */
const SLICE_MILLISECONDS = 20;

/** A RunOptions.breathe: takes a breath when the slice is over, after telling `onBreath`. */
export function createBreather(
  onBreath: (now: Nanos) => void,
): (now: Nanos) => Promise<void> | null {
  let last = performance.now();
  return (now) => {
    if (performance.now() - last < SLICE_MILLISECONDS) return null;
    onBreath(now);
    return new Promise((resolve) => {
      setImmediate(() => {
        last = performance.now();
        resolve();
      });
    });
  };
}
