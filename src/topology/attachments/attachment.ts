// `attach:`: where the lab is joined to the real Linux kernel. Only `egresslab up` opens them, for the
// kernel's time cannot be computed.
//
//   tap     a TAP device on a segment; the kernel's end is configured
//   tun     a TUN device as an emulated host's point-to-point interface
//   packet  an interface that exists already (veth, bridge port, NIC) on a segment, by AF_PACKET
//   raw     an emulated host's interface that speaks through the machine's own raw sockets

import type { Position } from '../../schema/position.ts';
import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';
import type { MacAddress } from '../../wire/mac-address.ts';

/** A route of the kernel's end. */
export interface KernelRoute {
  readonly to: Ipv4Cidr;
  readonly via: Ipv4Address | null;
}

interface AttachmentBase {
  /** As ports are called after it: 'egl0', for raw sockets the address. Unique in the lab. */
  readonly name: string;
  readonly position: Position;
  /** The network namespace of the kernel's end; null for that of the process. */
  readonly netns: string | null;
}

/** What the devices that we make have in common. */
export interface MadeDevice extends AttachmentBase {
  /** False leaves the kernel's end as it is made: down, without address. */
  readonly configure: boolean;
  readonly mtu: number;
  readonly routes: readonly KernelRoute[];
  /** Large frames and unfinished checksums cross as they are (IFF_VNET_HDR). */
  readonly offload: boolean;
}

/** `tap:` a TAP device of the kernel on a segment. */
export interface TapAttachment extends MadeDevice {
  readonly kind: 'tap';
  readonly segment: string;
  /** The kernel's address; null for none. */
  readonly address: Ipv4Cidr | null;
  readonly mac: MacAddress;
}

/** `tun:` a TUN device of the kernel at the other end of an interface. */
export interface TunAttachment extends MadeDevice {
  readonly kind: 'tun';
  readonly host: string;
  readonly interface: string;
  /** The kernel's end of the point-to-point link. */
  readonly peer: Ipv4Cidr;
}

/** `packet:` an existing interface of the kernel on a segment, by AF_PACKET. */
export interface PacketAttachment extends AttachmentBase {
  readonly kind: 'packet';
  readonly segment: string;
}

/** `raw:` an interface whose peer speaks through raw sockets. */
export interface RawAttachment extends AttachmentBase {
  readonly kind: 'raw';
  readonly host: string;
  readonly interface: string;
  /** An address of the machine, under which the emulated interface speaks. */
  readonly address: Ipv4Address;
}

/** An entry of `attach:`, valid. */
export type AttachmentSpec = TapAttachment | TunAttachment | PacketAttachment | RawAttachment;
