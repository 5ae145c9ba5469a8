// The IANA names that appear on the wire.

/** IEEE 802 numbers. */
export const EtherType = {
  Ipv4: 0x0800,
  Arp: 0x0806,
  Vlan: 0x8100,
  /** 802.1ad: the tag of a provider. */
  ServiceVlan: 0x88a8,
  Ipv6: 0x86dd,
} as const;

/** IANA protocol numbers. */
export const IpProtocol = {
  Icmp: 1,
  Igmp: 2,
  Tcp: 6,
  Udp: 17,
  Vrrp: 112,
} as const;

/** Well-known ports the lab itself uses. */
export const WellKnownPort = {
  Echo: 7,
  Discard: 9,
  Dns: 53,
  Http: 80,
  Vxlan: 4789,
  Geneve: 6081,
} as const;
