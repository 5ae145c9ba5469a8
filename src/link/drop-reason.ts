// Why a frame or packet went no further. Each drop in the lab has one of these names and is counted
// under it; nothing disappears without a reason. Where Linux has a name for it, that name is used
// (include/net/dropreason-core.h, nstat counters). What each means stands in src/REFERENCE.md.

export const DropReason = {
  // link
  LinkDown: 'link-down',
  Unplugged: 'unplugged',
  Loss: 'loss',
  QueueFull: 'queue-full',
  BadOffload: 'bad-virtio-header',
  Partitioned: 'partitioned',
  // switch
  SamePort: 'same-port',
  PortNotForwarding: 'port-not-forwarding',
  UnknownUnicast: 'unknown-unicast',
  PoweredOff: 'powered-off',
  // ethernet and demultiplexing
  Runt: 'runt-frame',
  OtherHost: 'other-host',
  UnknownEtherType: 'unknown-ethertype',
  BadSourceMac: 'bad-source-mac',
  TooBig: 'exceeds-mtu',
  // arp and neighbours
  BadArp: 'malformed-arp',
  ArpNotForUs: 'arp-not-for-us',
  ArpIgnored: 'arp-ignored',
  GratuitousDropped: 'gratuitous-arp-dropped',
  NeighborFailed: 'neighbor-failed',
  NeighborQueueFull: 'neighbor-queue-full',
  NeighborTableFull: 'neighbor-table-full',
  ProxyQueueFull: 'proxy-arp-queue-full',
  // ip
  BadIpv4Header: 'malformed-ipv4',
  BadIpv4Checksum: 'bad-ipv4-checksum',
  Martian: 'martian',
  ReversePathFilter: 'rp-filter',
  NoRoute: 'no-route',
  Unreachable: 'route-unreachable',
  Prohibited: 'route-prohibited',
  Blackhole: 'route-blackhole',
  TtlExceeded: 'ttl-exceeded',
  NotForwarding: 'not-forwarding',
  NeedsFragmentation: 'needs-fragmentation',
  FragmentTimeout: 'fragment-timeout',
  FragmentQueueFull: 'fragment-queue-full',
  BadFragment: 'bad-fragment',
  UnknownProtocol: 'unknown-protocol',
  // icmp, udp, tcp
  BadIcmp: 'malformed-icmp',
  BadIcmpChecksum: 'bad-icmp-checksum',
  IcmpRateLimited: 'icmp-rate-limited',
  BadUdp: 'malformed-udp',
  BadUdpChecksum: 'bad-udp-checksum',
  NoSocket: 'no-socket',
  BadTcp: 'malformed-tcp',
  BadTcpChecksum: 'bad-tcp-checksum',
  SocketQueueFull: 'socket-queue-full',
  TcpFlags: 'tcp-flags',
  TcpInvalidAck: 'tcp-invalid-ack-sequence',
  TcpInvalidSequence: 'tcp-invalid-sequence',
  TcpInvalidSyn: 'tcp-invalid-syn',
  TcpOldData: 'tcp-old-data',
  TcpOldTimestamp: 'tcp-paws',
  TcpOverWindow: 'tcp-over-window',
  ListenOverflow: 'listen-overflow',
  ConnectionTableFull: 'connection-table-full',
  // netfilter
  FilterDrop: 'filter-drop',
  FilterReject: 'filter-reject',
  ConntrackTableFull: 'conntrack-table-full',
  SnatPortsExhausted: 'snat-ports-exhausted',
  MasqueradeNoAddress: 'masquerade-no-address',
  MasqueradeMoved: 'masquerade-interface-changed',
  NatRedirect: 'nat-redirect',
  NatShortQuote: 'nat-short-quote',
  // overlay and egress
  BadVxlan: 'malformed-vxlan',
  VxlanUnknownPeer: 'vxlan-unknown-peer',
  FlowDrop: 'flow-drop',
  EgressDropped: 'egress-dropped',
} as const;

export type DropReason = (typeof DropReason)[keyof typeof DropReason];
