// OpenShift SDN, as OpenShift 3 and 4 ran it: egress IPs of NetNamespaces on HostSubnets.
//
//   section.ts settings.ts   what a topology says of it
//   control/                 its processes: sdn on every node, sdn-controller on one
//   datapath/                br0, VXLAN, the iptables rules, pods
//   objects.ts kinds/        its objects in the API
//   expectations.ts tables.ts events.ts   its words in scenarios, reports and logs

import type { Fabric } from '../fabric.ts';
import { administratorChanges } from './changes.ts';
import { SDN_NAMESPACE } from './control/names.ts';
import { expectations } from './expectations.ts';
import { OPENSHIFT_SDN_KINDS } from './kinds/index.ts';
import { SdnNetwork } from './network.ts';
import { section } from './section.ts';
import { TABLES } from './tables.ts';

/** OpenShift SDN as a fabric. */
export const openshiftSdn: Fabric = {
  kind: 'openshift-sdn',
  systemNamespace: SDN_NAMESPACE,
  section,
  expectations,
  kinds: OPENSHIFT_SDN_KINDS,
  tables: TABLES,
  changes: administratorChanges,
  build: (site) => new SdnNetwork(site),
};
