// Hashes of a flow, that is of addresses, protocol and ports: which egress node carries it, and from
// which UDP port a tunnel sends it. Neither is the hash of Open vSwitch or of Linux, bit for bit; both are
// even and depend on the packet alone. `l3` is where a sound IPv4 header begins.

import type { Frame } from '../../../wire/frame.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as tcp from '../../../wire/tcp.ts';

/** What the kernel's own hash of a flow differs by from the one that vswitchd computes. */
const KERNEL_HASH = 0x5bd1_e995;

/**
 * For the bucket of a select group, unsigned 32 bits; roughly uniform, as OVS's default selection method
 * is. What is not committed to conntrack is hashed packet by packet: the SYN by vswitchd, to which it is
 * an upcall without the hash that the kernel has for its socket, and the others by the kernel (Linux
 * bd1903b7c459 describes it for the VXLAN source port). So a connection may change its bucket.
 */
export function bucketHash(frame: Frame, l3: number, commit: boolean): number {
  const protocol = ipv4.protocol(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const begun = !commit && protocol === IpProtocol.Tcp && !isSyn(frame, l4);
  let hash = Math.imul(ipv4.source(frame, l3) ^ (begun ? KERNEL_HASH : 0), 0x9e37_79b1);
  hash = Math.imul(hash ^ ipv4.destination(frame, l3) ^ (hash >>> 15), 0x85eb_ca77);
  hash = Math.imul(hash ^ portsOf(frame, protocol, l4) ^ protocol ^ (hash >>> 13), 0xc2b2_ae3d);
  // The source port stands in the upper half, and its lowest bit says little: Linux counts by two.
  hash = Math.imul(hash ^ (hash >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** For the outer source port of a tunnel, signed 32 bits; the lower half is the better one. */
export function tunnelHash(frame: Frame, l3: number): number {
  const protocol = ipv4.protocol(frame, l3);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  let hash = Math.imul(ipv4.source(frame, l3) ^ 0x9e37_79b9, 0x85eb_ca6b);
  hash = Math.imul(hash ^ ipv4.destination(frame, l3) ^ (hash >>> 13), 0xc2b2_ae35);
  hash = Math.imul(hash ^ portsOf(frame, protocol, l4) ^ protocol ^ (hash >>> 16), 0x85eb_ca6b);
  return hash ^ (hash >>> 15);
}

/** Source and destination port as one word; zero where there are none. */
function portsOf(frame: Frame, protocol: number, l4: number): number {
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  return hasPorts && l4 + 4 <= frame.end ? frame.view.getUint32(l4) : 0;
}

function isSyn(frame: Frame, l4: number): boolean {
  return l4 + tcp.HEADER_LENGTH <= frame.end && (tcp.flags(frame, l4) & tcp.Flag.Syn) !== 0;
}
