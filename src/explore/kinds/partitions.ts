// Segments that fall apart: a machine or two against the rest, and two machines that do not hear each other
// while all others hear both.

import { endOf, type FaultKind, type FaultPlace, nothing } from './kind.ts';

/** One or two machines on one side. The first word of the target is the segment. */
export const split: FaultKind = {
  name: 'split',
  says: 'one or two machines of a segment are cut off from the rest of it',
  mustEnd: false,
  targets: ({ segments }) =>
    [...segments].flatMap(([segment, members]) => {
      if (members.length < 3) return [];
      const singles = members.map((name) => [segment, name]);
      const pairs = pairsOf(members).map((pair) => [segment, ...pair]);
      return members.length < 4 ? singles : [...singles, ...pairs];
    }),
  draw: nothing,
  effects: (item, place) => {
    const [segment = '', ...side] = item.on;
    const rest = membersOf(place, segment).filter((name) => !side.includes(name));
    const value = rest.length === 0 ? [side] : [side, rest];
    return [
      { resource: `segment ${segment}`, what: 'split', value, from: item.at, to: endOf(item) },
    ];
  },
};

/** Two machines that do not hear each other. */
export const partial: FaultKind = {
  name: 'partial',
  says: 'two machines of a segment do not hear each other, all others hear both',
  mustEnd: false,
  targets: ({ segments }) =>
    [...segments].flatMap(([segment, members]) =>
      members.length < 3 ? [] : pairsOf(members).map((pair) => [segment, ...pair]),
    ),
  draw: nothing,
  effects: (item) => {
    const [segment = '', a = '', b = ''] = item.on;
    const value = [[a], [b]];
    return [
      { resource: `segment ${segment}`, what: 'split', value, from: item.at, to: endOf(item) },
    ];
  },
};

function membersOf({ segments }: FaultPlace, segment: string): readonly string[] {
  return segments.get(segment) ?? [];
}

function pairsOf(names: readonly string[]): (readonly [string, string])[] {
  return names.flatMap((a, index) => names.slice(index + 1).map((b) => [a, b] as const));
}
