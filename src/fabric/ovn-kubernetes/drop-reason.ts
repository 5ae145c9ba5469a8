// Why the data path of OVN-Kubernetes drops what it does; see link/drop-reason.ts.

/** The reasons of logical switches and routers, of br-ex, and of the tunnels between nodes. */
export const OvnDrop = {
  // Geneve
  BadGeneve: 'malformed-geneve',
  GeneveUnknownPeer: 'geneve-unknown-peer',
  // logical switches
  PortSecurity: 'logical-port-security',
  NoLogicalPort: 'no-logical-port',
  // logical routers
  NoLogicalRoute: 'no-logical-route',
  LogicalTtlExceeded: 'logical-ttl-exceeded',
  LogicalMtu: 'logical-mtu-exceeded',
  LogicalAddress: 'logical-router-address',
  BindingQueueFull: 'mac-binding-queue-full',
  BindingTimeout: 'mac-binding-timeout',
  Metered: 'control-plane-meter',
  // br-ex
  UntranslatedPod: 'untranslated-pod',
  BridgeFlow: 'br-ex-flow',
  AnnouncementGuard: 'announcement-guard',
  ArpBlock: 'egress-ip-arp-block',
} as const;
