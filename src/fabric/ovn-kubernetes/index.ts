// OVN-Kubernetes, the network of OpenShift 4 today: egress IPs of EgressIP objects on gateway routers. It
// is not in `fabric/index.ts` yet: topologies cannot name it.
//
//   settings.ts profile.ts quirks.ts   what a topology says of it, and which release does what
//   northbound.ts host-network.ts      where its control processes and its data path meet
//   addressing.ts                      where logical routers live
//   datapath/                          br-int, br-ex, Geneve, logical routers, pods

export { nodeAddressing } from './addressing.ts';
export { EgressIpManager } from './control/allocator/manager.ts';
export { CheckTicker } from './control/health/check-ticker.ts';
export { GrpcClient } from './control/health/grpc-client.ts';
export { LegacyClient } from './control/health/legacy-client.ts';
export { BridgeAddresses } from './control/host/bridge-addresses.ts';
export { LinkManager } from './control/host/link-manager.ts';
export { baseTable } from './control/host/nftables.ts';
export { SecondaryHosts } from './control/host/secondary-hosts.ts';
export { ZoneController } from './control/zone/zone-controller.ts';
export type { HostNetwork } from './host-network.ts';
export { OVN_KINDS } from './kinds/index.ts';
export { NorthboundDatabase } from './northbound.ts';
export { resolveProfile } from './profile.ts';
export { ovnSettings } from './settings.ts';
