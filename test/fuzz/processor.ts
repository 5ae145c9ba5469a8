// Keeps this process on one processor. Linux's timers belong to the processor that armed them: on one
// they fire in a known order, on two side by side.

import { execFileSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

/** Without `taskset` (util-linux) nothing happens. */
export function stayOnOneProcessor(): void {
  const chosen = String(process.pid % availableParallelism());
  try {
    execFileSync('taskset', ['-a', '-c', '-p', chosen, String(process.pid)], { stdio: 'ignore' });
  } catch {
    // Differences in the order of timers will not come again when they are looked at a second time.
  }
}
