// What expectations have in common that compare lists: nothing when they agree, a line that says what
// there is when they do not.

/** A line that names the list, unless it is the wanted one, in the wanted order. Null is not checked. */
export function listDifference(
  what: string,
  actual: readonly string[],
  wanted: readonly string[] | null,
): string[] {
  if (wanted === null || sameList(actual, wanted)) return [];
  return [`${what} is [${actual.join(' ')}]`];
}

/** The same, in any order. */
export function setDifference(
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
