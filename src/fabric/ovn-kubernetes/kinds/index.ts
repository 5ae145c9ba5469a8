// The kinds that OVN-Kubernetes brings to the API, one line each.

import type { Kind } from '../../../kube/kinds/kind.ts';
import { CloudPrivateIpConfigs } from './cloud-private-ip-config.ts';
import { EgressIps } from './egress-ip.ts';
import { Leases } from './lease.ts';

/** In the order in which discovery lists them. */
export const OVN_KINDS: readonly Kind[] = [EgressIps, CloudPrivateIpConfigs, Leases];
