// A process of a cluster network: a daemon in a pod on a node, whose log people read.

import type { Daemon } from '../sim/life-cycle.ts';
import type { Nanos } from '../sim/time.ts';

/** One process of a fabric. It dies with its node and starts again when the node boots. */
export interface FabricProcess extends Daemon {
  /** The pod it runs in, 'sdn-8zhv7'. */
  readonly pod: string;
  /** The namespace of that pod. */
  readonly namespace: string;
  readonly container: string;
  /** The node it runs on. */
  readonly node: string;
  /** An agent is what `fail: worker01, how: agent-stopped` stops; a controller decides for all nodes. */
  readonly role: 'agent' | 'controller';
  /** An agent that can lag: from now on it hears of every change so much later. */
  setApiDelay?(delay: Nanos): void;
}
