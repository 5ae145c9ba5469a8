// The kinds that OpenShift SDN brings to the API, one line each.

import type { Kind } from '../../../kube/kinds/kind.ts';
import { HostSubnets } from './host-subnet.ts';
import { NetNamespaces } from './net-namespace.ts';

/** In the order in which discovery lists them. */
export const OPENSHIFT_SDN_KINDS: readonly Kind[] = [HostSubnets, NetNamespaces];
