// Every cluster network that the lab ships, one line each.

import type { Fabric } from './fabric.ts';
import { openshiftSdn } from './openshift-sdn/index.ts';
import { ovnKubernetes } from './ovn-kubernetes/index.ts';

/** The first one reads what a broken `cluster.fabric` leaves of a topology. */
export const FABRICS: readonly Fabric[] = [openshiftSdn, ovnKubernetes];
