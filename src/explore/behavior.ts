// What a run was like, in few words: the abstract states that it went through, as hashes. Names are left out
// and relations kept (does a living machine hold the IP, does the API name it, do observers believe it), so
// that what is the same for another node is the same state. Novelty of these states guides an exploration.

import type { World } from '../scenario/properties/world.ts';
import { hashName } from '../sim/random.ts';

/** Collects the states of one run. */
export class Behavior {
  readonly #states = new Set<number>();
  #last = -1;

  /** In the order of first sight. */
  get states(): readonly number[] {
    return [...this.#states];
  }

  /** An instant is over in which something happened. */
  look(world: World): void {
    const state = hashName(stateOf(world));
    if (state === this.#last) return;
    this.#last = state;
    this.#states.add(state);
  }
}

/** The coarse state of a lab, in words without names. */
export function stateOf(world: World): string {
  const addresses = world
    .requests()
    .map(({ address, nodes, pods }) => {
      const holders = world.holders(address);
      const [listed] = nodes;
      const api =
        listed === undefined
          ? 'none'
          : holders.includes(listed)
            ? 'holder'
            : world.isPresent(listed)
              ? 'other'
              : 'dead';
      const health = holders.some((name) => world.isWhole(name)) ? 'whole' : 'ill';
      const beliefs = new Set<string>();
      for (const flow of world.flows) {
        const { pod, server } = world.ends(flow);
        if (pod === null || server === null || !pods.includes(pod)) continue;
        const { interfaces, neighbors } = world.lab.stack(server);
        for (const iface of interfaces) {
          const entry = neighbors.lookup(iface, address);
          if (entry === null) continue;
          const owner = holders.find((name) => world.macs(name).includes(entry.mac));
          beliefs.add(entry.valid ? (owner === undefined ? 'wrong' : 'right') : 'none');
        }
      }
      const count = Math.min(nodes.length, 2);
      return `${Math.min(holders.length, 2)} ${api}${count} ${health} ${[...beliefs].sort().join('')}`;
    })
    .sort();
  const machines = [...world.lab.machines.keys()];
  const ill = machines.filter((name) => !world.isWhole(name)).length;
  const offline = Math.min(world.offline().length, 2);
  const flows = world.flows.map(({ answering }) => String(answering)).sort();
  return [addresses.join(','), Math.min(ill, 2), offline, flows.join('')].join('|');
}
