// When a process started, as the kernel counts: tells a process from a later one that got its number.

import { readFileSync } from 'node:fs';

/** Clock ticks since boot (proc_pid_stat(5), field 22); null where there is no /proc, or no such process. */
export function processStart(pid: number): string | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, which may contain anything.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[19] ?? null;
}

/** Whether the process that had this number and this start is still there. */
export function isRunning(pid: number, start: string | null): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // Somebody else's process exists, too.
    const exists = error instanceof Error && 'code' in error && error.code === 'EPERM';
    if (!exists) return false;
  }
  const now = processStart(pid);
  return start === null || now === null || now === start;
}
