// The addresses a run is about: egress IPs, and whatever more than one machine holds or comes to hold.

import type { LabEvent } from '../lab/events.ts';
import type { Lab } from '../lab/lab.ts';
import { formatIpv4, isLoopback } from '../wire/ipv4-address.ts';
import { addressOf } from './event-address.ts';

/** Knows at any time which addresses are news. */
export interface ContestedAddresses {
  has(address: string): boolean;
  /** In the order in which they became news. */
  list(): string[];
}

/** Follows the lab's log from now on. */
export function contestedAddresses(lab: Lab): ContestedAddresses {
  const contested = new Set<string>();
  const holders = new Map<string, Set<string>>();
  const claim = (address: string, holder: string): void => {
    const machines = holders.get(address) ?? new Set();
    machines.add(holder);
    holders.set(address, machines);
    if (machines.size > 1) contested.add(address);
  };
  for (const { name, stack } of lab.machines.values()) {
    for (const iface of stack.interfaces) {
      for (const { address } of iface.addresses) {
        if (!isLoopback(address)) claim(formatIpv4(address), name);
      }
    }
  }
  for (const event of lab.events.events) {
    if (event.kind === 'claim-added') claim(event.fields.address, event.source);
  }
  lab.events.subscribe((event) => {
    const address = newsIn(event);
    if (address === null) return;
    if (event.kind === 'address-added' || event.kind === 'claim-added')
      claim(address, event.source);
    // An egress IP may be gone from the objects when the run is over.
    else contested.add(address);
  });
  const egress = egressOf(lab);
  return {
    has: (address) => contested.has(address) || egress().has(address),
    list: () => [...new Set([...egress(), ...contested])],
  };
}

/** The address that an event can make contested; null for all other events. */
export function newsIn(event: LabEvent): string | null {
  switch (event.kind) {
    case 'address-added':
    case 'claim-added':
    case 'announced':
    case 'egress-ip-claimed':
      return addressOf(event);
    default:
      return null;
  }
}

/** Asked for every event about an address, so the answer is kept until an object changes. */
function egressOf(lab: Lab): () => ReadonlySet<string> {
  const { cluster } = lab;
  if (cluster === null) return () => new Set();
  let version = -1;
  let known: ReadonlySet<string> = new Set();
  return () => {
    if (cluster.store.resourceVersion !== version) {
      version = cluster.store.resourceVersion;
      known = new Set(cluster.egressAddresses().map(formatIpv4));
    }
    return known;
  };
}
