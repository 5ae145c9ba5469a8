// An IPv4 packet of a `send` step as octets, and its way onto the wire: to the MAC address that is
// given, else by the machine's routes and ARP, as a program with a raw IP socket sends it.

import type { Interface } from '../../stack/device/interface.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { SendStep } from '../../topology/steps/send.ts';
import type { Ipv4PacketSpec, TransportSpec } from '../../topology/steps/sent-packet.ts';
import { describe } from '../../wire/describe.ts';
import * as ethernet from '../../wire/ethernet.ts';
import type { Frame } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { ANY_ADDRESS, type Ipv4Address } from '../../wire/ipv4-address.ts';
import { ZERO_MAC } from '../../wire/mac-address.ts';
import { EtherType } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';

/** Writes the packet and sends it; says in words what it is. */
export function sendPacket(
  stack: NetworkStack,
  iface: Interface,
  packet: Ipv4PacketSpec,
  { ethernet: { destination, source }, note }: Pick<SendStep, 'ethernet' | 'note'>,
): string {
  const from = packet.source ?? iface.addresses[0]?.address ?? ANY_ADDRESS;
  const frame = writePacket(stack, packet, from);
  frame.note = { text: note ?? `made by hand on ${iface.port.name}` };
  ethernet.emit(frame, destination ?? ZERO_MAC, source ?? iface.mac, EtherType.Ipv4);
  const text = describe(frame);
  if (destination !== null) {
    iface.transmit(frame);
    return text;
  }
  const route = stack.routes.lookup(packet.destination);
  const nextHop = route?.iface === iface ? route.nextHop : packet.destination;
  stack.neighbors.output(iface, nextHop, frame);
  return text;
}

function writePacket(stack: NetworkStack, packet: Ipv4PacketSpec, source: Ipv4Address): Frame {
  const { data, destination, dontFragment, identification, protocol, timeToLive, transport } =
    packet;
  const length = headerLength(transport) + data.length;
  const total = ipv4.HEADER_LENGTH + length;
  const frame = stack.arena.allocate(ethernet.HEADER_LENGTH + total);
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  const l4 = l3 + ipv4.HEADER_LENGTH;
  const fragment = dontFragment ? ipv4.Flag.DontFragment : 0;
  ipv4.emit(frame, l3, total, identification, fragment, timeToLive, protocol, source, destination);
  frame.bytes.set(data, l4 + headerLength(transport));
  switch (transport.kind) {
    case 'tcp': {
      const { acknowledgment, destinationPort, flags, sequence, sourcePort, window } = transport;
      tcp.emit(frame, l4, sourcePort, destinationPort, sequence, acknowledgment, flags, window);
      tcp.refreshChecksum(frame, l4, source, destination, length);
      break;
    }
    case 'udp':
      udp.emit(frame, l4, transport.sourcePort, transport.destinationPort, length);
      udp.refreshChecksum(frame, l4, source, destination, length);
      break;
    case 'icmp':
      icmp.emit(frame, l4, transport.type, transport.code, transport.rest, length);
      break;
    case 'other':
      break;
  }
  return frame;
}

function headerLength({ kind }: TransportSpec): number {
  switch (kind) {
    case 'tcp':
      return tcp.HEADER_LENGTH;
    case 'udp':
      return udp.HEADER_LENGTH;
    case 'icmp':
      return icmp.HEADER_LENGTH;
    case 'other':
      return 0;
  }
}
