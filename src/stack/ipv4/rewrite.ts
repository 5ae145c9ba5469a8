// Where a rewritten packet becomes rewritten bytes. Hooks change numbers in a `Packet`; when the
// packet leaves, Ipv4 calls `applyRewrite` on the unsealed copy, which compares the numbers with
// the bytes and patches addresses, ports, ICMP identifiers and checksums (RFC 1624, RFC 3022 4.1).
// Every checksum is updated, never computed anew: a packet that came corrupted leaves corrupted.

import * as checksum from '../../wire/checksum.ts';
import { assertWritable, type Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as ports from '../../wire/ports.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';
import type { Packet } from '../packet.ts';

/**
 * Makes the bytes of an unsealed copy agree with the packet's `source`, `destination`, `sourcePort`
 * and `destinationPort`; true if anything had to change. `l3` is the absolute offset of the IPv4
 * header in `frame`. An ICMP query's identifier is taken from `sourcePort`. What lies deeper is left
 * to `packet.rewriter`, which the caller runs afterwards.
 */
export function applyRewrite(frame: Frame, l3: number, packet: Packet): boolean {
  const source = ipv4.source(frame, l3) !== packet.source;
  const destination = ipv4.destination(frame, l3) !== packet.destination;
  // What covers the addresses comes before the addresses themselves.
  const ports = rewriteTransport(frame, l3, packet, source || destination);
  if (source) ipv4.rewriteSource(frame, l3, packet.source);
  if (destination) ipv4.rewriteDestination(frame, l3, packet.destination);
  return ports || source || destination;
}

/** Ports, identifiers and the checksums that cover addresses. `moved`: an address differs. */
function rewriteTransport(frame: Frame, l3: number, packet: Packet, moved: boolean): boolean {
  if (packet.fragmentOffset > 0) return false;
  const l4 = l3 + (packet.l4 - packet.l3);
  const available = packet.end - packet.l4;
  switch (packet.protocol) {
    case IpProtocol.Tcp:
      return (
        available >= tcp.HEADER_LENGTH && rewritePorts(frame, l3, l4, packet, tcp.CHECKSUM, moved)
      );
    case IpProtocol.Udp:
      return (
        available >= udp.HEADER_LENGTH && rewritePorts(frame, l3, l4, packet, udp.CHECKSUM, moved)
      );
    case IpProtocol.Icmp:
      return available >= icmp.HEADER_LENGTH && rewriteIcmp(frame, l4, packet);
    default:
      return false;
  }
}

/** The ports of TCP or UDP; `checksumAt` is where its checksum stands, counted from the header. */
function rewritePorts(
  frame: Frame,
  l3: number,
  l4: number,
  packet: Packet,
  checksumAt: number,
  moved: boolean,
): boolean {
  const hasNewSource = ports.sourcePort(frame, l4) !== packet.sourcePort;
  const hasNewDestination = ports.destinationPort(frame, l4) !== packet.destinationPort;
  if (!moved && !hasNewSource && !hasNewDestination) return false;
  if (frame.offload === null) updateChecksum(frame, l3, l4, packet, checksumAt);
  else updatePseudoHeader(frame, l3, l4 + checksumAt, packet);
  if (hasNewSource) ports.setSourcePort(frame, l4, packet.sourcePort);
  if (hasNewDestination) ports.setDestinationPort(frame, l4, packet.destinationPort);
  return hasNewSource || hasNewDestination;
}

/** Addresses and ports that differ, in one go. UDP's zero, no checksum, stays zero (RFC 768). */
function updateChecksum(
  frame: Frame,
  l3: number,
  l4: number,
  packet: Packet,
  checksumAt: number,
): void {
  const { view } = frame;
  const isUdp = checksumAt === udp.CHECKSUM;
  const before = view.getUint16(l4 + checksumAt);
  if (isUdp && before === 0) return;
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  const sourcePort = ports.sourcePort(frame, l4);
  const destinationPort = ports.destinationPort(frame, l4);
  let check = before;
  if (source !== packet.source) check = checksum.update32(check, source, packet.source);
  if (destination !== packet.destination) {
    check = checksum.update32(check, destination, packet.destination);
  }
  if (sourcePort !== packet.sourcePort) {
    check = checksum.update16(check, sourcePort, packet.sourcePort);
  }
  if (destinationPort !== packet.destinationPort) {
    check = checksum.update16(check, destinationPort, packet.destinationPort);
  }
  if (check === before) return;
  assertWritable(frame);
  view.setUint16(l4 + checksumAt, isUdp ? check || 0xffff : check);
}

/**
 * An unfinished checksum holds the sum of the pseudo-header, not complemented (CHECKSUM_PARTIAL): it
 * follows the addresses; ports are summed by the code that finishes it (nf_nat_ipv4_csum_update).
 */
function updatePseudoHeader(frame: Frame, l3: number, at: number, packet: Packet): void {
  assertWritable(frame);
  const { view } = frame;
  let check = ~view.getUint16(at) & 0xffff;
  check = checksum.update32(check, ipv4.source(frame, l3), packet.source);
  check = checksum.update32(check, ipv4.destination(frame, l3), packet.destination);
  view.setUint16(at, ~check & 0xffff);
}

/** The checksum of ICMP covers no addresses: only the identifier of a query can matter. */
function rewriteIcmp(frame: Frame, l4: number, packet: Packet): boolean {
  if (!icmp.isQuery(icmp.type(frame, l4))) return false;
  if (icmp.identifier(frame, l4) === packet.sourcePort) return false;
  icmp.rewriteIdentifier(frame, l4, packet.sourcePort);
  return true;
}
