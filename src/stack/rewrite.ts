// Where a rewritten packet becomes rewritten bytes. Hooks change numbers in a `Packet`; when the
// packet leaves, Ipv4 calls `applyRewrite` on the unsealed copy, which compares the numbers with
// the bytes and patches addresses, ports, ICMP identifiers and checksums (RFC 1624, RFC 3022 4.2).
// Every checksum is updated, never computed anew: a packet that came corrupted leaves corrupted.

import type { Frame } from '../wire/frame.ts';
import * as icmp from '../wire/icmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { IpProtocol } from '../wire/numbers.ts';
import * as tcp from '../wire/tcp.ts';
import * as udp from '../wire/udp.ts';
import type { Packet } from './packet.ts';

/**
 * Makes the bytes of an unsealed copy agree with the packet's `source`, `destination`, `sourcePort`
 * and `destinationPort`, then lets `packet.rewriter` patch what lies deeper. `l3` is the absolute
 * offset of the IPv4 header in `frame`. An ICMP query's identifier is taken from `sourcePort`.
 */
export function applyRewrite(frame: Frame, l3: number, packet: Packet): void {
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const hasPorts = ipv4.fragmentOffset(frame, l3) === 0;
  const end = l3 + ipv4.totalLength(frame, l3);
  const { protocol } = packet;
  if (protocol === IpProtocol.Tcp && hasPorts && l4 + tcp.HEADER_LENGTH <= end) {
    rewriteTcp(frame, l3, l4, packet);
  } else if (protocol === IpProtocol.Udp && hasPorts && l4 + udp.HEADER_LENGTH <= end) {
    rewriteUdp(frame, l3, l4, packet);
  } else if (protocol === IpProtocol.Icmp && hasPorts && l4 + icmp.HEADER_LENGTH <= end) {
    rewriteIcmp(frame, l4, packet);
  }
  if (ipv4.source(frame, l3) !== packet.source) ipv4.rewriteSource(frame, l3, packet.source);
  if (ipv4.destination(frame, l3) !== packet.destination) {
    ipv4.rewriteDestination(frame, l3, packet.destination);
  }
  if (packet.rewriter !== null) packet.rewriter.rewrite(frame, l3, packet);
}

function rewriteTcp(frame: Frame, l3: number, l4: number, packet: Packet): void {
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  if (source !== packet.source) tcp.rewriteChecksum32(frame, l4, source, packet.source);
  if (destination !== packet.destination) {
    tcp.rewriteChecksum32(frame, l4, destination, packet.destination);
  }
  if (tcp.sourcePort(frame, l4) !== packet.sourcePort) {
    tcp.rewriteSourcePort(frame, l4, packet.sourcePort);
  }
  if (tcp.destinationPort(frame, l4) !== packet.destinationPort) {
    tcp.rewriteDestinationPort(frame, l4, packet.destinationPort);
  }
}

function rewriteUdp(frame: Frame, l3: number, l4: number, packet: Packet): void {
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  if (source !== packet.source) udp.rewriteChecksum32(frame, l4, source, packet.source);
  if (destination !== packet.destination) {
    udp.rewriteChecksum32(frame, l4, destination, packet.destination);
  }
  if (udp.sourcePort(frame, l4) !== packet.sourcePort) {
    udp.rewriteSourcePort(frame, l4, packet.sourcePort);
  }
  if (udp.destinationPort(frame, l4) !== packet.destinationPort) {
    udp.rewriteDestinationPort(frame, l4, packet.destinationPort);
  }
}

/** The checksum of ICMP covers no addresses: only the identifier of a query can matter. */
function rewriteIcmp(frame: Frame, l4: number, packet: Packet): void {
  if (!icmp.isQuery(icmp.type(frame, l4))) return;
  if (icmp.identifier(frame, l4) === packet.sourcePort) return;
  icmp.rewriteIdentifier(frame, l4, packet.sourcePort);
}
