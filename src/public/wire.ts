// `egresslab/wire`: frames and codecs, for programs that make packets or read captured ones. Offsets are
// absolute in a frame's memory; accessors trust what `check` or `isWellFormed` has found good.

export type { Brand } from '../base/brand.ts';
export * as arp from '../wire/arp.ts';
export { describe } from '../wire/describe.ts';
export * as ethernet from '../wire/ethernet.ts';
export { Frame, type FrameAllocator, FrameArena, type Note } from '../wire/frame.ts';
export * as icmp from '../wire/icmp.ts';
export * as ipv4 from '../wire/ipv4.ts';
export {
  type CidrText,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  parseCidr,
  parseIpv4,
} from '../wire/ipv4-address.ts';
export { BROADCAST_MAC, formatMac, type MacAddress, parseMac } from '../wire/mac-address.ts';
export { EtherType, IpProtocol } from '../wire/numbers.ts';
export * as tcp from '../wire/tcp.ts';
export * as udp from '../wire/udp.ts';
export * as vxlan from '../wire/vxlan.ts';
