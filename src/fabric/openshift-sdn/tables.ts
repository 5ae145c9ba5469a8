// Which tables of the API tell how a cluster with this network stands.

import type { Kind } from '../../kube/kinds/objects.ts';

/** One table that a run's report carries. */
export interface FabricTable {
  readonly kind: Kind;
  /** `egresslab run` prints it before and after; the others are in the JSON report only. */
  readonly printed: boolean;
}

/** In the order in which they are printed. */
export const TABLES: readonly FabricTable[] = [
  { kind: 'Node', printed: true },
  { kind: 'HostSubnet', printed: true },
  { kind: 'NetNamespace', printed: false },
];
