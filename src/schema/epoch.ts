// Time zero of a lab as a calendar date, RFC 3339. Seconds and nanoseconds are kept apart because
// their product does not fit in a double.

import { daysInMonth, daysSince1970, SECONDS_PER_DAY } from '../base/calendar.ts';
import type { Epoch } from '../sim/epoch.ts';

const PATTERN =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2}):(\d{2})(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d{2}):(\d{2}))$/;

/** '2020-05-09T08:00:00Z' → epoch; null when it is no RFC 3339 date-time from 1970 on. */
export function parseEpoch(text: string): Epoch | null {
  const match = PATTERN.exec(text);
  if (match === null) return null;
  const part = (index: number): number => Number(match[index] ?? 0);
  const [year, month, day] = [part(1), part(2), part(3)];
  const [hour, minute, second] = [part(4), part(5), part(6)];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59 || part(9) > 23 || part(10) > 59) return null;
  const offset = (match[8] === '-' ? -1 : 1) * (part(9) * 3600 + part(10) * 60);
  const seconds =
    daysSince1970(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second - offset;
  if (seconds < 0) return null;
  return { seconds, nanos: Number((match[7] ?? '').padEnd(9, '0')) };
}
