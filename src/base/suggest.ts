// "Did you mean": the nearest known word, by edit distance with transpositions.

/** Optimal string alignment distance between two short words. */
function editDistance(a: string, b: string): number {
  const width = b.length + 1;
  const table = new Array<number>((a.length + 1) * width).fill(0);
  const at = (row: number, column: number): number => table[row * width + column] ?? 0;
  for (let row = 0; row <= a.length; row++) table[row * width] = row;
  for (let column = 0; column <= b.length; column++) table[column] = column;
  for (let row = 1; row <= a.length; row++) {
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        at(row - 1, column) + 1,
        at(row, column - 1) + 1,
        at(row - 1, column - 1) + same,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]) {
        best = Math.min(best, at(row - 2, column - 2) + 1);
      }
      table[row * width + column] = best;
    }
  }
  return at(a.length, b.length);
}

/** The known word that was probably meant, or null when none is near. Case does not count. */
export function suggest(word: string, known: Iterable<string>): string | null {
  // Callers of the library in JavaScript may pass anything.
  const wanted = String(word).toLowerCase();
  if (wanted.length > 64) return null;
  let best: string | null = null;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of known) {
    const distance = editDistance(wanted, candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** 'Did you mean "worker01"? ', to stand before the rest of a hint; empty when no known word is near. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const near = suggest(word, known);
  return near === null ? '' : `Did you mean "${near}"? `;
}

/** The hint for a word that is none of the known ones: the nearest of them, then all. */
export function hintAmong(word: string, known: readonly string[]): string {
  return `${didYouMean(word, known)}Known: ${known.join(', ')}.`;
}
