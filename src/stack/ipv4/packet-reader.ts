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
  // Each word is read once and taken apart here: every packet passes, and some pass five times.
  const { view } = frame;
  const first = view.getUint32(l3);
  const second = view.getUint32(l3 + ipv4.IDENTIFICATION);
  const third = view.getUint16(l3 + ipv4.TIME_TO_LIVE);
  packet.frame = frame;
  packet.l3 = l3;
  packet.l4 = l3 + ((first >>> 22) & 0x3c);
  packet.end = l3 + (first & 0xffff);
  packet.source = ipv4.source(frame, l3);
  packet.destination = ipv4.destination(frame, l3);
  packet.protocol = third & 0xff;
  packet.timeToLive = third >>> 8;
  packet.typeOfService = (first >>> 16) & 0xff;
  packet.identification = second >>> 16;
  packet.dontFragment = (second & ipv4.Flag.DontFragment) !== 0;
  packet.moreFragments = (second & ipv4.Flag.MoreFragments) !== 0;
  packet.fragmentOffset = (second & ipv4.OFFSET_MASK) * ipv4.OFFSET_UNIT;
  readPorts(packet);
}

/** Reads the ports, or the identifier of an ICMP query, where the packet has them. */
export function readPorts(packet: Packet): void {
  packet.sourcePort = 0;
  packet.destinationPort = 0;
  const { frame, l4, protocol } = packet;
  if (packet.fragmentOffset > 0 || packet.end - l4 < icmp.HEADER_LENGTH) return;
  if (protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp) {
    const ports = frame.view.getUint32(l4);
    packet.sourcePort = ports >>> 16;
    packet.destinationPort = ports & 0xffff;
  } else if (protocol === IpProtocol.Icmp && icmp.isQuery(icmp.type(frame, l4))) {
    const identifier = icmp.identifier(frame, l4);
    packet.sourcePort = identifier;
    packet.destinationPort = identifier;
  }
}
