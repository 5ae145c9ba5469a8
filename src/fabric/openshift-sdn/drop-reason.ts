// Why the data path of OpenShift SDN drops what it does; see link/drop-reason.ts.

/** The reasons of br0 and of the tunnels. */
export const SdnDrop = {
  BadVxlan: 'malformed-vxlan',
  VxlanUnknownPeer: 'vxlan-unknown-peer',
  FlowDrop: 'flow-drop',
  EgressDropped: 'egress-dropped',
} as const;
