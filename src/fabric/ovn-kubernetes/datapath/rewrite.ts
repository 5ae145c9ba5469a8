// Writes a translation into a packet: one address and one port of its own headers, or of both its own
// headers and the quoted ones where it is an ICMP error. Every checksum follows.

import type { Frame } from '../../../wire/frame.ts';
import * as icmp from '../../../wire/icmp.ts';
import * as ipv4 from '../../../wire/ipv4.ts';
import type { Ipv4Address } from '../../../wire/ipv4-address.ts';
import { IpProtocol } from '../../../wire/numbers.ts';
import * as ports from '../../../wire/ports.ts';
import * as tcp from '../../../wire/tcp.ts';
import * as udp from '../../../wire/udp.ts';

/** Which end of the packet changes. */
export type End = 'source' | 'destination';

/** The packet's own header: `end` becomes this address and port (or ICMP id). */
export function rewritePacket(
  frame: Frame,
  l3: number,
  end: End,
  address: Ipv4Address,
  port: number,
): void {
  const before = rewriteAddress(frame, l3, end, address);
  if (ipv4.fragmentOffset(frame, l3) > 0) return;
  const limit = Math.min(frame.end, l3 + ipv4.totalLength(frame, l3));
  rewriteTransport(frame, l3, limit, end, before, address, port);
}

/**
 * An ICMP error about a translated packet: its own `end` becomes this address, and so does the opposite end
 * of what it quotes, whose port changes too.
 */
export function rewriteError(
  frame: Frame,
  l3: number,
  end: End,
  address: Ipv4Address,
  port: number,
): void {
  rewriteAddress(frame, l3, end, address);
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const limit = l3 + ipv4.totalLength(frame, l3);
  const quote = l4 + icmp.HEADER_LENGTH;
  const quoted: End = end === 'source' ? 'destination' : 'source';
  const before = rewriteAddress(frame, quote, quoted, address);
  rewriteTransport(frame, quote, limit, quoted, before, address, port);
  icmp.refreshChecksum(frame, l4, limit - l4);
}

/** Returns the address that was there. */
function rewriteAddress(frame: Frame, l3: number, end: End, address: Ipv4Address): Ipv4Address {
  if (end === 'source') {
    const before = ipv4.source(frame, l3);
    ipv4.rewriteSource(frame, l3, address);
    return before;
  }
  const before = ipv4.destination(frame, l3);
  ipv4.rewriteDestination(frame, l3, address);
  return before;
}

function rewriteTransport(
  frame: Frame,
  l3: number,
  limit: number,
  end: End,
  before: Ipv4Address,
  after: Ipv4Address,
  port: number,
): void {
  const at = l3 + ipv4.headerLength(frame, l3);
  const isSource = end === 'source';
  switch (ipv4.protocol(frame, l3)) {
    case IpProtocol.Tcp:
      if (limit - at < tcp.HEADER_LENGTH) {
        // An error quotes ports without the checksum.
        if (isSource) ports.setSourcePort(frame, at, port);
        else ports.setDestinationPort(frame, at, port);
        return;
      }
      tcp.rewriteChecksum32(frame, at, before, after);
      if (isSource) tcp.rewriteSourcePort(frame, at, port);
      else tcp.rewriteDestinationPort(frame, at, port);
      return;
    case IpProtocol.Udp:
      if (limit - at < udp.HEADER_LENGTH) return;
      udp.rewriteChecksum32(frame, at, before, after);
      if (isSource) udp.rewriteSourcePort(frame, at, port);
      else udp.rewriteDestinationPort(frame, at, port);
      return;
    case IpProtocol.Icmp:
      icmp.rewriteIdentifier(frame, at, port);
      return;
    default:
      return;
  }
}
