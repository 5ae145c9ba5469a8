// Two sequences of rows beside one another: pairs by a longest common subsequence, and what paired rows differ in. The
// kernel's doings and the lab's are compared by the same means, in the tests and in `egresslab compare`.

/** A row: its time in seconds, and fields of plain data. */
export interface TimedRow {
  readonly t: number;
}

/** One of each, or one that has no counterpart. */
export type RowPair<Row> = readonly [Row | null, Row | null];

/** Pairs what is `same` in the same order; the rest stands alone. Takes time and memory for each pair of rows. */
export function align<Row>(
  left: readonly Row[],
  right: readonly Row[],
  same: (a: Row, b: Row) => boolean,
): RowPair<Row>[] {
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  const isSame = (i: number, j: number): boolean => {
    const [a, b] = [left[i], right[j]];
    return a !== undefined && b !== undefined && same(a, b);
  };
  for (let i = left.length - 1; i >= 0; i--) {
    for (let j = right.length - 1; j >= 0; j--) {
      const at = i * width + j;
      lengths[at] = isSame(i, j)
        ? (lengths[at + width + 1] ?? 0) + 1
        : Math.max(lengths[at + width] ?? 0, lengths[at + 1] ?? 0);
    }
  }
  const pairs: RowPair<Row>[] = [];
  let [i, j] = [0, 0];
  while (i < left.length || j < right.length) {
    const at = i * width + j;
    if (i < left.length && j < right.length && isSame(i, j)) {
      pairs.push([left[i++] ?? null, right[j++] ?? null]);
    } else if (
      j >= right.length ||
      (i < left.length && (lengths[at + width] ?? 0) >= (lengths[at + 1] ?? 0))
    ) {
      pairs.push([left[i++] ?? null, null]);
    } else {
      pairs.push([null, right[j++] ?? null]);
    }
  }
  return pairs;
}

/** A field that two rows differ in. */
export interface FieldDifference {
  readonly field: string;
  readonly left: unknown;
  readonly right: unknown;
}

/** What two rows differ in, without their times. */
export function fieldDifferences(
  left: TimedRow,
  right: TimedRow,
  same: (a: unknown, b: unknown) => boolean = Object.is,
): FieldDifference[] {
  const [a, b] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  return [...new Set([...a.keys(), ...b.keys()])]
    .filter((field) => field !== 't' && !same(a.get(field), b.get(field)))
    .map((field) => ({ field, left: a.get(field), right: b.get(field) }));
}

/** More apart than `tolerance` seconds; what a double cannot hold does not count. */
export function isApart(left: TimedRow, right: TimedRow, tolerance: number): boolean {
  return Math.abs(left.t - right.t) > tolerance + 1e-9;
}
