// Whether a row says the same as before. Rows are plain data, so this is plain comparison, but for
// deadlines: an entry that is used all the time has its deadline put off all the time, and a reader
// gains nothing from hearing so. A later deadline is news only once the known one has passed.

import type { Nanos } from '../sim/time.ts';

/** Whether `next` says nothing new at `now` to a reader who knows `known`. */
export function isSameRow(known: object, next: object, now: Nanos): boolean {
  if (known === next) return true;
  const before = known as Readonly<Record<string, unknown>>;
  for (const [key, value] of Object.entries(next)) {
    const isSame =
      key === 'deadline' ? isPutOff(before[key], value, now) : isEqual(before[key], value);
    if (!isSame) return false;
  }
  return true;
}

/** Both lie ahead, and the new one not before the known one. */
function isPutOff(known: unknown, next: unknown, now: Nanos): boolean {
  if (typeof known !== 'number' || typeof next !== 'number') return known === next;
  return known === next || (known > now && next >= known);
}

/** Of what JSON keeps: texts, numbers, lists and records of one shape. */
function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((each, at) => isEqual(each, b[at]));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(left);
  return (
    keys.length === Object.keys(right).length && keys.every((key) => isEqual(left[key], right[key]))
  );
}
