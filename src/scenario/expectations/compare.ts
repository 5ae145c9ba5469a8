// What expectations have in common: comparing a value and saying what it was.

import { type Comparisons, satisfies } from '../../topology/expectations/expectation.ts';

/** A line that names the value, unless it satisfies the comparisons. Null is not checked. */
export function compare(
  what: string,
  actual: number,
  wanted: Comparisons | null,
  format: (value: number) => string = String,
): string[] {
  return wanted === null || satisfies(actual, wanted) ? [] : [`${what} is ${format(actual)}`];
}

/** A line that names the list, unless it is the wanted one, in the wanted order. Null is not checked. */
export function compareList(
  what: string,
  actual: readonly string[],
  wanted: readonly string[] | null,
): string[] {
  if (wanted === null || sameList(actual, wanted)) return [];
  return [`${what} is [${actual.join(' ')}]`];
}

/** The same, in any order. */
export function compareSet(
  what: string,
  actual: readonly string[],
  wanted: readonly string[] | null,
): string[] {
  if (wanted === null || sameList([...actual].sort(), [...wanted].sort())) return [];
  return [`${what} is ${actual.length === 0 ? 'nobody' : actual.join(', ')}`];
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}
