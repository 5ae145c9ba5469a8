// The form of klog's lines: Lmmdd hh:mm:ss.uuuuuu PPPPPPP file:line] text, with lab time and the process id
// right-aligned in seven columns.

import { calendarTime, padded } from '../base/calendar.ts';

/** Info, warning or error: the first letter of a line. */
export type Severity = 'I' | 'W' | 'E';

/** One line without newline. */
export function formatKlog(
  severity: Severity,
  epochMicros: number,
  pid: number,
  at: string,
  text: string,
): string {
  const t = calendarTime(epochMicros);
  const date = `${padded(t.month, 2)}${padded(t.day, 2)}`;
  const time = `${padded(t.hour, 2)}:${padded(t.minute, 2)}:${padded(t.second, 2)}.${padded(t.micros, 6)}`;
  return `${severity}${date} ${time} ${String(pid).padStart(7)} ${at}] ${text}`;
}
