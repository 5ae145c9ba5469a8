// Ends the process of a lab that does not answer any more.

import { isRunning } from './process-start.ts';

/** How long a process has for an orderly end. */
const GRACE_MILLISECONDS = 2000;
const LOOK_MILLISECONDS = 50;

/** SIGTERM, and SIGKILL when that has had no effect; nothing when another process has the number by now. */
export async function endProcess(pid: number, start: string | null): Promise<void> {
  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    if (!isRunning(pid, start)) return;
    process.kill(pid, signal);
    const end = performance.now() + GRACE_MILLISECONDS;
    while (isRunning(pid, start) && performance.now() < end) {
      await new Promise((resolve) => {
        setTimeout(resolve, LOOK_MILLISECONDS);
      });
    }
  }
}
