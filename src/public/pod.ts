// A pod of the lab's cluster.

import type { FabricPod } from '../fabric/network.ts';
import type { Inside } from './inside.ts';
import { Machine } from './machine.ts';

/** A pod: a machine inside a node. You get one from {@link Lab} or {@link Cluster}. */
export class Pod extends Machine {
  /** Its namespace. */
  readonly namespace: string;
  /** The name of the node that it runs on. */
  readonly node: string;

  private constructor(inside: Inside, pod: FabricPod) {
    super(inside, pod.stack);
    this.namespace = pod.namespace;
    this.node = pod.node.name;
  }

  /** @internal */
  static of(inside: Inside, pod: FabricPod): Pod {
    return new Pod(inside, pod);
  }

  /** What it is. */
  get kind(): 'pod' {
    return 'pod';
  }
}
