// Which tables of the API tell how a cluster with this network stands.

import type { Kind } from '../../kube/kinds/kind.ts';
import { Nodes } from '../../kube/kinds/node.ts';
import { HostSubnets } from './kinds/host-subnet.ts';
import { NetNamespaces } from './kinds/net-namespace.ts';

/** One table that a run's report carries. */
export interface FabricTable {
  readonly kind: Kind;
  /** `egresslab run` prints it before and after; the others are in the JSON report only. */
  readonly printed: boolean;
}

/** In the order in which they are printed. */
export const TABLES: readonly FabricTable[] = [
  { kind: Nodes, printed: true },
  { kind: HostSubnets, printed: true },
  { kind: NetNamespaces, printed: false },
];
