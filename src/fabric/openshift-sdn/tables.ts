// Which tables of the API tell how a cluster with this network stands, beside that of the nodes.

import type { FabricTable } from '../table.ts';
import { HostSubnets } from './kinds/host-subnet.ts';
import { NetNamespaces } from './kinds/net-namespace.ts';

/** In the order in which they are printed. */
export const TABLES: readonly FabricTable[] = [
  { kind: HostSubnets, printed: true },
  { kind: NetNamespaces, printed: false },
];
