// Changes of an administrator, each with its undo: one that takes the only IP away for good makes a dark
// namespace true by order.

import type { Item } from '../genome.ts';
import { each, endOf, type FaultKind, type FaultPlace, nothing } from './kind.ts';

/** The objects are changed and changed back. */
export const api: FaultKind = {
  name: 'api',
  says: 'an administrator changes an object, and changes it back',
  mustEnd: true,
  targets: ({ changes }) => each(changes.map(({ what }) => what)),
  draw: nothing,
  effects: (item, place) => {
    const index = indexOf(item, place);
    const value = index;
    // Changes of one object would undo each other: they are one resource.
    const resource = `object ${objectOf(place, index)}`;
    return index < 0
      ? []
      : [{ resource, what: 'change', value, from: item.at, to: endOf(item) ?? item.at + 100 }];
  },
};

function indexOf({ on }: Item, { changes }: FaultPlace): number {
  return changes.findIndex(({ what }) => what === on[0]);
}

/** The words before the options: verb, kind and name. */
function objectOf({ changes }: FaultPlace, index: number): string {
  return (changes[index]?.does[0] ?? '').split(' ').slice(0, 3).join(' ');
}
