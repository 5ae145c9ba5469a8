// What expectations have in common that compare numbers: saying what the number was.

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
