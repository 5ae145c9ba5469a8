// Who can hear whom: the interfaces on one segment and on the segments that are linked to it.

import type { Lab } from '../../lab/lab.ts';
import type { Cable, Machine } from '../../lab/machine.ts';
import type { Segment } from '../../lab/segment.ts';
import type { Interface } from '../../stack/device/interface.ts';

/** An interface with its cable. */
export interface CabledInterface {
  readonly machine: Machine;
  readonly iface: Interface;
  readonly cable: Cable;
}

/** All interfaces that frames sent on a segment can get to, whatever is broken now. */
export function interfacesOn(lab: Lab, segment: Segment): CabledInterface[] {
  const reached = reachedFrom(lab, segment);
  const found: CabledInterface[] = [];
  for (const machine of lab.machines.values()) {
    for (const [name, cable] of machine.cables) {
      if (cable.segment === null || !reached.has(cable.segment)) continue;
      const iface = machine.stack.interface(name);
      if (iface !== null) found.push({ machine, iface, cable });
    }
  }
  return found;
}

function reachedFrom(lab: Lab, segment: Segment): ReadonlySet<Segment> {
  const reached = new Set([segment]);
  // A set that grows while it is walked through.
  for (const { spec } of reached) {
    for (const { spec: link } of lab.links.values()) {
      const other = link.a === spec.name ? link.b : link.b === spec.name ? link.a : null;
      const next = other === null ? undefined : lab.segments.get(other);
      if (next !== undefined) reached.add(next);
    }
  }
  return reached;
}
