// From an IPv4 header to the numbers of a `Packet`.

import type { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { Packet } from '../packet.ts';

/** Checks the header and fills the packet with it. False if it is malformed. */
export function parsePacket(packet: Packet, frame: Frame, l3: number): boolean {
  if (ipv4.check(frame, l3) !== null) return false;
  packet.reset();
  readPacket(packet, frame, l3);
  return true;
}

/** Fills the packet with a header that has been checked. */
export function readPacket(packet: Packet, frame: Frame, l3: number): void {
  packet.frame = frame;
  packet.l3 = l3;
  packet.l4 = l3 + ipv4.headerLength(frame, l3);
  packet.end = l3 + ipv4.totalLength(frame, l3);
  packet.source = ipv4.source(frame, l3);
  packet.destination = ipv4.destination(frame, l3);
  packet.protocol = ipv4.protocol(frame, l3);
  packet.timeToLive = ipv4.timeToLive(frame, l3);
  packet.typeOfService = ipv4.typeOfService(frame, l3);
  packet.identification = ipv4.identification(frame, l3);
  packet.dontFragment = ipv4.dontFragment(frame, l3);
  packet.moreFragments = ipv4.moreFragments(frame, l3);
  packet.fragmentOffset = ipv4.fragmentOffset(frame, l3);
  readPorts(packet);
}

/** Reads the ports, or the identifier of an ICMP query, where the packet has them. */
export function readPorts(packet: Packet): void {
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  const { frame, l4, protocol } = packet;
  if (packet.fragmentOffset > 0 || packet.end - l4 < icmp.HEADER_LENGTH) return;
  if (protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp) {
    packet.sourcePort = frame.view.getUint16(l4);
    packet.destinationPort = frame.view.getUint16(l4 + 2);
  } else if (protocol === IpProtocol.Icmp && icmp.isQuery(icmp.type(frame, l4))) {
    const identifier = icmp.identifier(frame, l4);
    packet.sourcePort = identifier;
    packet.destinationPort = identifier;
  }
}
