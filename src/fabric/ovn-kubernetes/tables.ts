// Which tables of the API tell how a cluster with this network stands, beside that of the nodes.

import type { FabricTable } from '../table.ts';
import { EgressIps } from './kinds/egress-ip.ts';

/** In the order in which they are printed. */
export const TABLES: readonly FabricTable[] = [{ kind: EgressIps, printed: true }];
