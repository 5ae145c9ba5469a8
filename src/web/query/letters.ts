// Letters for machines that have to do with an address, as in the picture of the command line: a for the first
// that held it. The color goes with the letter and never stands alone.

import type { AddressAnalysis } from '../../scenario/analysis/model.ts';

/** Machine → 'a', 'b', ... */
export type Letters = ReadonlyMap<string, string>;

/** The letters of one address. */
export function lettersOf({ announcements, beliefs, holdings }: AddressAnalysis): Letters {
  const names = [
    ...holdings.map(({ machine }) => machine),
    ...announcements.flatMap(({ machine }) => machine ?? []),
    ...beliefs.flatMap(({ spans }) => spans.flatMap(({ machine }) => machine ?? [])),
  ];
  const unique = [...new Set(names)].slice(0, 26);
  return new Map(unique.map((name, at) => [name, String.fromCharCode(97 + at)]));
}
