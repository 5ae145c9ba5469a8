// OVN-Kubernetes, the network of OpenShift 4 today: egress IPs of EgressIP objects on gateway routers. It
// is not in `fabric/index.ts` yet: topologies cannot name it.
//
//   settings.ts profile.ts quirks.ts   what a topology says of it, and which release does what
//   control/                           cluster manager, ovnkube-controller, the node side
//   northbound.ts host-network.ts      where its control processes and its data path meet
//   addressing.ts                      where logical routers live
//   datapath/                          br-int, br-ex, Geneve, logical routers, pods
//   objects.ts kinds/                  its objects in the API

export { OvnProcesses } from './control/processes.ts';
export { OvnNode } from './datapath/node.ts';
export { OvnPod } from './datapath/pod.ts';
export { OVN_KINDS } from './kinds/index.ts';
export { ovnObjects } from './objects.ts';
export { resolveProfile } from './profile.ts';
export { ovnSettings } from './settings.ts';
