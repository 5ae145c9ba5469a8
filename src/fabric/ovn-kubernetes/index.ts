// OVN-Kubernetes, the network of OpenShift 4 today: egress IPs of EgressIP objects on gateway routers.
//
//   section.ts settings.ts profile.ts quirks.ts   what a topology says of it, which release does what
//   control/                                      cluster manager, ovnkube-controller, the node side
//   northbound.ts host-network.ts                 where its control processes and its data path meet
//   datapath/                                     br-int, br-ex, Geneve, logical routers, pods
//   addressing.ts                                 where logical routers live
//   objects.ts kinds/                             its objects in the API
//   expectations.ts tables.ts                     its words in scenarios and reports

import type { Fabric } from '../fabric.ts';
import { administratorChanges } from './changes.ts';
import { OVN_NAMESPACE } from './control/names.ts';
import { expectations } from './expectations.ts';
import { OVN_KINDS } from './kinds/index.ts';
import { OvnNetwork } from './network.ts';
import { section } from './section.ts';
import { TABLES } from './tables.ts';

/** OVN-Kubernetes as a fabric. */
export const ovnKubernetes: Fabric = {
  kind: 'ovn-kubernetes',
  systemNamespace: OVN_NAMESPACE,
  section,
  expectations,
  kinds: OVN_KINDS,
  tables: TABLES,
  changes: administratorChanges,
  build: (site) => new OvnNetwork(site),
};
