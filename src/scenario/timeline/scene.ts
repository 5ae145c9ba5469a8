// What the sentences of a timeline ask of a running lab: which addresses are news, and whose a MAC address is.

import type { Lab } from '../../lab/lab.ts';
import type { Scene } from '../../sim/sentence.ts';
import { formatMac, ZERO_MAC } from '../../wire/mac-address.ts';
import type { ContestedAddresses } from '../contested.ts';

/** Follows a lab from now on. */
export function sceneOf(lab: Lab, contested: ContestedAddresses): Scene {
  /** Null: to be read anew. A lab of thousands of machines is read once, and not for each event. */
  let owners: ReadonlyMap<string, readonly string[]> | null = null;
  lab.events.subscribe(({ kind }) => {
    if (kind === 'mac-set' || kind === 'claim-added' || kind === 'attached') owners = null;
  });
  return {
    isNews: (address) => contested.has(address),
    ownersOf: (mac) => {
      owners ??= ownersIn(lab);
      return owners.get(mac) ?? [];
    },
  };
}

/** Machines by the MAC addresses of their interfaces, then those whose logical routers have others. */
function ownersIn(lab: Lab): Map<string, string[]> {
  const owners = new Map<string, string[]>();
  const add = (mac: string, machine: string): void => {
    const known = owners.get(mac);
    if (known === undefined) owners.set(mac, [machine]);
    else if (!known.includes(machine)) known.push(machine);
  };
  for (const { name, interfaces } of lab.stacks()) {
    for (const { mac } of interfaces) if (mac !== ZERO_MAC) add(formatMac(mac), name);
  }
  for (const event of lab.events.events) {
    if (event.kind === 'claim-added' && !owners.has(event.fields.mac)) {
      add(event.fields.mac, event.source);
    }
  }
  return owners;
}
