// Whether a frame is the one that a `frame` expectation describes. All given parts must match.

import type { Direction } from '../link/port.ts';
import type {
  ArpMatch,
  FrameMatch,
  IcmpMatch,
  TcpMatch,
  UdpMatch,
} from '../topology/expectations/frame.ts';
import * as arp from '../wire/arp.ts';
import * as ethernet from '../wire/ethernet.ts';
import { Frame } from '../wire/frame.ts';
import * as icmp from '../wire/icmp.ts';
import * as ipv4 from '../wire/ipv4.ts';
import { cidrContains } from '../wire/ipv4-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from '../wire/numbers.ts';
import * as tcp from '../wire/tcp.ts';
import * as udp from '../wire/udp.ts';
import * as vxlan from '../wire/vxlan.ts';

const OPERATIONS = { request: arp.Operation.Request, reply: arp.Operation.Reply } as const;

/** `direction` as the port saw it; null inside a tunnel, where there is none. */
export function matchesFrame(
  frame: Frame,
  direction: Direction | null,
  match: FrameMatch,
): boolean {
  if (frame.length < ethernet.HEADER_LENGTH) return false;
  if (match.direction !== null && match.direction !== direction) return false;
  if (match.sourceMac !== null && ethernet.source(frame) !== match.sourceMac.mac) return false;
  if (match.destinationMac !== null && ethernet.destination(frame) !== match.destinationMac.mac) {
    return false;
  }
  if (match.comment !== null && !(frame.note?.text.includes(match.comment) ?? false)) return false;
  if (match.arp !== null && !matchesArp(frame, match.arp)) return false;
  return !concernsIp(match) || matchesIp(frame, match);
}

function concernsIp(match: FrameMatch): boolean {
  const { ipSource, ipDestination } = match;
  const parts = [ipSource, ipDestination, match.icmp, match.tcp, match.udp, match.vxlan];
  return parts.some((part) => part !== null);
}

function matchesArp(frame: Frame, match: ArpMatch): boolean {
  const at = frame.start + ethernet.HEADER_LENGTH;
  if (ethernet.etherType(frame) !== EtherType.Arp || arp.check(frame, at) !== null) return false;
  const senderIp = arp.senderIp(frame, at);
  const targetIp = arp.targetIp(frame, at);
  return (
    (match.operation === null || arp.operation(frame, at) === OPERATIONS[match.operation]) &&
    (match.senderMac === null || arp.senderMac(frame, at) === match.senderMac.mac) &&
    (match.senderIp === null || senderIp === match.senderIp) &&
    (match.targetMac === null || arp.targetMac(frame, at) === match.targetMac.mac) &&
    (match.targetIp === null || targetIp === match.targetIp) &&
    (match.gratuitous === null || (senderIp === targetIp) === match.gratuitous)
  );
}

function matchesIp(frame: Frame, match: FrameMatch): boolean {
  const l3 = frame.start + ethernet.HEADER_LENGTH;
  if (ethernet.etherType(frame) !== EtherType.Ipv4 || ipv4.check(frame, l3) !== null) return false;
  if (match.ipSource !== null && !cidrContains(match.ipSource, ipv4.source(frame, l3)))
    return false;
  if (
    match.ipDestination !== null &&
    !cidrContains(match.ipDestination, ipv4.destination(frame, l3))
  ) {
    return false;
  }
  const l4 = l3 + ipv4.headerLength(frame, l3);
  const length = l3 + ipv4.totalLength(frame, l3) - l4;
  const protocol = ipv4.protocol(frame, l3);
  const whole = ipv4.fragmentOffset(frame, l3) === 0;
  return (
    (match.icmp === null ||
      (whole && protocol === IpProtocol.Icmp && matchesIcmp(frame, l4, length, match.icmp))) &&
    (match.tcp === null ||
      (whole && protocol === IpProtocol.Tcp && matchesTcp(frame, l4, length, match.tcp))) &&
    (match.udp === null ||
      (whole && protocol === IpProtocol.Udp && matchesUdp(frame, l4, length, match.udp))) &&
    (match.vxlan === null ||
      (whole && protocol === IpProtocol.Udp && matchesVxlan(frame, l4, length, match.vxlan)))
  );
}

function matchesIcmp(frame: Frame, at: number, length: number, match: IcmpMatch): boolean {
  if (length < icmp.HEADER_LENGTH) return false;
  return (
    (match.type === null || icmp.type(frame, at) === match.type) &&
    (match.code === null || icmp.code(frame, at) === match.code)
  );
}

function matchesTcp(frame: Frame, at: number, length: number, match: TcpMatch): boolean {
  if (length < tcp.HEADER_LENGTH) return false;
  const flags = tcp.flags(frame, at);
  return (
    (match.sourcePort === null || tcp.sourcePort(frame, at) === match.sourcePort) &&
    (match.destinationPort === null || tcp.destinationPort(frame, at) === match.destinationPort) &&
    (flags & match.flagsSet) === match.flagsSet &&
    (flags & match.flagsClear) === 0
  );
}

function matchesUdp(frame: Frame, at: number, length: number, match: UdpMatch): boolean {
  if (length < udp.HEADER_LENGTH) return false;
  return (
    (match.sourcePort === null || udp.sourcePort(frame, at) === match.sourcePort) &&
    (match.destinationPort === null || udp.destinationPort(frame, at) === match.destinationPort)
  );
}

function matchesVxlan(
  frame: Frame,
  at: number,
  length: number,
  match: NonNullable<FrameMatch['vxlan']>,
): boolean {
  const header = at + udp.HEADER_LENGTH;
  const inner = header + vxlan.HEADER_LENGTH;
  if (length < inner - at || udp.destinationPort(frame, at) !== WellKnownPort.Vxlan) return false;
  if (match.vni !== null && vxlan.vni(frame, header) !== match.vni) return false;
  if (match.inner === null) return true;
  const { bytes, view, packetId } = frame;
  return matchesFrame(
    new Frame(bytes, view, inner, at + length - inner, packetId),
    null,
    match.inner,
  );
}
