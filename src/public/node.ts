// A node of the lab's cluster.

import type { Machine as MachineModel } from '../lab/machine.ts';
import { Host } from './host.ts';
import type { Inside } from './inside.ts';

/** A host that is a node of the cluster. You get one from {@link Lab} or {@link Cluster}. */
export class Node extends Host {
  /** @internal */
  static override of(inside: Inside, machine: MachineModel): Node {
    return new Node(inside, machine);
  }

  /** What it is. */
  override get kind(): 'node' {
    return 'node';
  }
}
