// When a process started, as the kernel counts: tells a process from a later one that got its number.

import { readFileSync } from 'node:fs';

/** Clock ticks since boot (proc_pid_stat(5), field 22); null where there is no /proc, or no such process. */
export function processStart(pid: number): string | null {
  return fieldsOf(pid)?.[19] ?? null;
}

/** Everything behind the program's name; the first is the state (field 3). */
function fieldsOf(pid: number): readonly string[] | null {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  // The second field is the program's name in parentheses, which may contain anything.
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
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
  const [state, now = null] = [0, 19].map((at) => fieldsOf(pid)?.[at]);
  // Dead, and its parent has not looked yet.
  if (state === 'Z') return false;
  return start === null || now === null || now === start;
}
