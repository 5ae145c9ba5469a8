// Machines that lose their power, nodes whose agents die, and restarts that go round.

import type { Effect } from '../effects.ts';
import type { Item } from '../genome.ts';
import { each, endOf, type FaultKind, nothing } from './kind.ts';

/** A machine without power. */
export const power: FaultKind = {
  name: 'power',
  says: 'a machine loses its power and boots again',
  mustEnd: false,
  targets: ({ machines }) => each(machines),
  draw: nothing,
  effects: (item) => item.on.map((name) => machineEffect(item, name, 'power')),
};

/** A node without its agents. */
export const agent: FaultKind = {
  name: 'agent',
  says: 'the agents of a node die, its data path goes on',
  mustEnd: false,
  targets: ({ nodes }) => each(nodes),
  draw: nothing,
  effects: (item) => item.on.map((name) => machineEffect(item, name, 'agent')),
};

/** Every node once, one after the other: an upgrade. */
export const rolling: FaultKind = {
  name: 'rolling',
  says: 'nodes restart one after the other, as in an upgrade',
  mustEnd: true,
  targets: ({ nodes }) => (nodes.length < 2 ? [] : [nodes]),
  draw: (random) => ({
    gap: random?.integer(5, 150) ?? 50,
    agents: random?.integer(0, 1) ?? 0,
    reversed: random?.integer(0, 1) ?? 0,
  }),
  effects: (item) => {
    const { at, for: duration, on, with: more } = item;
    const each = duration ?? 50;
    const order = more.reversed === 1 ? [...on].reverse() : on;
    return order.map((name, index): Effect => {
      const from = at + index * (each + (more.gap ?? 50));
      const what = more.agents === 1 ? 'agent' : 'power';
      return { resource: `machine ${name}`, what, value: 1, from, to: from + each };
    });
  },
};

function machineEffect(item: Item, name: string, what: string): Effect {
  return { resource: `machine ${name}`, what, value: 1, from: item.at, to: endOf(item) };
}
