// Cables: without a carrier, dark in one direction, lossy, going up and down, and clogged in a swizzle.

import { present } from '../../base/assert.ts';
import type { Effect } from '../effects.ts';
import type { Decis, Item } from '../genome.ts';
import { each, endOf, type FaultKind, type FaultPlace, nothing } from './kind.ts';

/** All cables of a machine without a carrier. */
export const cable: FaultKind = {
  name: 'cable',
  says: 'all cables of a machine are out',
  mustEnd: false,
  targets: ({ machines }) => each(machines),
  draw: nothing,
  effects: (item, place) =>
    cablesOf(item, place).map((name) => cableEffect(name, 'carrier', item.at, endOf(item))),
};

/** A machine hears nothing and does not know. */
export const deaf: FaultKind = {
  name: 'deaf',
  says: 'a cable loses all that its machine would hear, the carrier stays',
  mustEnd: false,
  targets: ({ cables }) => each([...cables.values()].flat()),
  draw: nothing,
  effects: (item) => item.on.map((name) => cableEffect(name, 'in', item.at, endOf(item))),
};

/** A machine is not heard and does not know. */
export const mute: FaultKind = {
  name: 'mute',
  says: 'a cable loses all that its machine sends, the carrier stays',
  mustEnd: false,
  targets: ({ cables }) => each([...cables.values()].flat()),
  draw: nothing,
  effects: (item) => item.on.map((name) => cableEffect(name, 'out', item.at, endOf(item))),
};

/** A part of the frames is lost. */
export const loss: FaultKind = {
  name: 'loss',
  says: 'a cable loses a part of the frames, in one direction or both',
  mustEnd: false,
  targets: ({ cables }) => each([...cables.values()].flat()),
  draw: (random) => ({
    percent: (random?.integer(1, 5) ?? 3) * 20,
    way: random?.integer(0, 2) ?? 2,
  }),
  effects: (item) => {
    const { percent = 50, way = 2 } = item.with;
    const ways = ['in', 'out'].filter((_, index) => way === 2 || way === index);
    return item.on.flatMap((name) =>
      ways.map(
        (what): Effect => ({
          resource: `impair ${name}`,
          what,
          value: percent,
          from: item.at,
          to: endOf(item),
        }),
      ),
    );
  },
};

/** Short silences of one cable, which three independent draws would hardly make. */
export const flap: FaultKind = {
  name: 'flap',
  says: 'a cable is dark two to four times for some seconds',
  mustEnd: true,
  targets: ({ cables }) => each([...cables.values()].flat()),
  draw: (random) => ({
    count: random?.integer(2, 4) ?? 3,
    gap: random?.integer(30, 120) ?? 60,
    carrier: random?.integer(0, 1) ?? 0,
  }),
  effects: ({ at, for: duration, on, with: more }) => {
    const { carrier = 0, count = 3, gap = 60 } = more;
    const each = duration ?? 60;
    const whats = carrier === 1 ? ['carrier'] : ['in', 'out'];
    return on.flatMap((name) =>
      Array.from({ length: count }, (_, index) => at + index * (each + gap)).flatMap((from) =>
        whats.map((what) => cableEffect(name, what, from, from + each)),
      ),
    );
  },
};

/** Cables of several nodes go down one by one and come back in another order. */
export const swizzle: FaultKind = {
  name: 'swizzle',
  says: 'cables of all nodes go down one by one, and come up in another order',
  mustEnd: true,
  targets: ({ nodes }) => (nodes.length < 2 ? [] : [nodes]),
  draw: (random) => ({ gap: random?.integer(3, 60) ?? 20, turn: random?.integer(1, 7) ?? 1 }),
  effects: ({ at, for: duration, on, with: more }, place) => {
    const { gap = 20, turn = 1 } = more;
    const allDown = at + (on.length - 1) * gap;
    return on.flatMap((name, index) => {
      const up = allDown + (duration ?? 50) + ((index * 3 + turn) % on.length) * gap;
      const cables = place.cables.get(name) ?? [];
      return cables.map((own) => cableEffect(own, 'carrier', at + index * gap, up));
    });
  },
};

function cablesOf({ on }: Item, { cables }: FaultPlace): readonly string[] {
  return on.flatMap((name) => present(cables.get(name), 'a machine has its list of cables'));
}

function cableEffect(name: string, what: string, from: Decis, to: Decis | null): Effect {
  return { resource: `cable ${name}`, what, value: 1, from, to };
}
