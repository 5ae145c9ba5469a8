// A frame as a tree of fields, each with the octets it stands in: what a page shows beside the hex. Total, as
// describe.ts is: any octets give a tree, and what is malformed is a field that says so. Text is for people;
// names follow the RFCs.

import * as arp from './arp.ts';
import * as ethernet from './ethernet.ts';
import { Frame } from './frame.ts';
import * as icmp from './icmp.ts';
import * as ipv4 from './ipv4.ts';
import { formatIpv4 } from './ipv4-address.ts';
import { formatMac } from './mac-address.ts';
import { EtherType, IpProtocol, WellKnownPort } from './numbers.ts';
import * as tcp from './tcp.ts';
import * as udp from './udp.ts';
import * as vxlan from './vxlan.ts';

/** One field, or a header with its fields. */
export interface Field {
  readonly name: string;
  /** Empty for a header. */
  readonly value: string;
  /** Octets from the beginning of the frame. */
  readonly at: number;
  /** Octets; a part of an octet counts as one. */
  readonly length: number;
  readonly fields: readonly Field[];
}

/** Tunnels in tunnels beyond this are shown as octets. */
const DEPTH_LIMIT = 4;

/** The headers of a frame, outermost first, and what is behind them. */
export function fieldsOf(frame: Frame): readonly Field[] {
  const tree = new Tree(frame);
  link(tree, frame.start, frame.end, 0);
  return tree.headers;
}

class Tree {
  readonly frame: Frame;
  readonly headers: Field[] = [];

  constructor(frame: Frame) {
    this.frame = frame;
  }

  field(name: string, at: number, length: number, value: string | number): Field {
    return { name, value: String(value), at: at - this.frame.start, length, fields: [] };
  }

  header(name: string, at: number, length: number, fields: readonly Field[]): void {
    this.headers.push({ name, value: '', at: at - this.frame.start, length, fields });
  }

  /** Octets without a structure of their own; none for none. */
  octets(name: string, at: number, end: number): void {
    if (end > at) this.headers.push(this.field(name, at, end - at, `${end - at} octets`));
  }
}

function link(tree: Tree, at: number, end: number, depth: number): void {
  const { frame } = tree;
  if (end - at < ethernet.HEADER_LENGTH) {
    tree.octets('Runt frame', at, end);
    return;
  }
  const window = new Frame(frame.bytes, frame.view, at, end - at, frame.packetId);
  const type = ethernet.etherType(window);
  tree.header('Ethernet', at, ethernet.HEADER_LENGTH, [
    tree.field('Destination', at, 6, formatMac(ethernet.destination(window))),
    tree.field('Source', at + 6, 6, formatMac(ethernet.source(window))),
    tree.field('EtherType', at + 12, 2, `${hex(type, 4)}${named(ETHER_TYPES, type)}`),
  ]);
  const payload = at + ethernet.HEADER_LENGTH;
  if (type === EtherType.Arp) {
    address(tree, payload, end);
    return;
  }
  if (type === EtherType.Ipv4) {
    network(tree, window, payload, end, depth);
    return;
  }
  tree.octets('Payload', payload, end);
}

function address(tree: Tree, at: number, end: number): void {
  const { frame } = tree;
  if (arp.check(frame, at) !== null) {
    tree.octets('Malformed ARP', at, end);
    return;
  }
  const operation = arp.operation(frame, at);
  tree.header('ARP', at, arp.LENGTH, [
    tree.field('Hardware type', at, 2, '1 (Ethernet)'),
    tree.field('Protocol type', at + 2, 2, '0x0800 (IPv4)'),
    tree.field('Hardware size', at + 4, 1, 6),
    tree.field('Protocol size', at + 5, 1, 4),
    tree.field('Operation', at + 6, 2, `${operation}${named(ARP_OPERATIONS, operation)}`),
    tree.field('Sender MAC', at + 8, 6, formatMac(arp.senderMac(frame, at))),
    tree.field('Sender IPv4', at + 14, 4, formatIpv4(arp.senderIp(frame, at))),
    tree.field('Target MAC', at + 18, 6, formatMac(arp.targetMac(frame, at))),
    tree.field('Target IPv4', at + 24, 4, formatIpv4(arp.targetIp(frame, at))),
  ]);
  tree.octets('Padding', at + arp.LENGTH, end);
}

function network(tree: Tree, window: Frame, at: number, frameEnd: number, depth: number): void {
  const problem = ipv4.check(window, at);
  if (problem !== null && problem !== ipv4.Problem.BadChecksum) {
    tree.octets(`Malformed IPv4: ${problem}`, at, frameEnd);
    return;
  }
  const headerLength = ipv4.headerLength(window, at);
  const payload = at + headerLength;
  const end = at + ipv4.totalLength(window, at);
  if (end > frameEnd || end < payload) {
    tree.octets('Malformed IPv4: length', at, frameEnd);
    return;
  }
  const protocol = ipv4.protocol(window, at);
  const flags = [
    ipv4.dontFragment(window, at) ? 'do not fragment' : '',
    ipv4.moreFragments(window, at) ? 'more fragments' : '',
  ].filter((flag) => flag !== '');
  tree.header('IPv4', at, headerLength, [
    tree.field('Version', at, 1, 4),
    tree.field('Header length', at, 1, headerLength),
    tree.field('Type of service', at + 1, 1, hex(ipv4.typeOfService(window, at), 2)),
    tree.field('Total length', at + 2, 2, ipv4.totalLength(window, at)),
    tree.field('Identification', at + 4, 2, hex(ipv4.identification(window, at), 4)),
    tree.field('Flags', at + 6, 1, flags.join(', ') || 'none'),
    tree.field('Fragment offset', at + 6, 2, ipv4.fragmentOffset(window, at)),
    tree.field('Time to live', at + 8, 1, ipv4.timeToLive(window, at)),
    tree.field('Protocol', at + 9, 1, `${protocol}${named(PROTOCOLS, protocol)}`),
    checksum(tree, at + 10, ipv4.headerChecksum(window, at), problem === null),
    tree.field('Source', at + 12, 4, formatIpv4(ipv4.source(window, at))),
    tree.field('Destination', at + 16, 4, formatIpv4(ipv4.destination(window, at))),
  ]);
  // Only a first fragment begins with a header of the next layer.
  if (ipv4.fragmentOffset(window, at) > 0) tree.octets('Fragment', payload, end);
  else transport(tree, window, { at, payload, end, protocol, depth });
  tree.octets('Padding', end, frameEnd);
}

interface Payload {
  /** Where the IPv4 header begins. */
  readonly at: number;
  readonly payload: number;
  readonly end: number;
  readonly protocol: number;
  readonly depth: number;
}

function transport(tree: Tree, window: Frame, packet: Payload): void {
  const { payload, end, protocol } = packet;
  if (protocol === IpProtocol.Icmp) {
    control(tree, window, payload, end);
    return;
  }
  if (protocol === IpProtocol.Tcp) {
    stream(tree, window, packet);
    return;
  }
  if (protocol === IpProtocol.Udp) {
    datagram(tree, window, packet);
    return;
  }
  tree.octets('Payload', payload, end);
}

function control(tree: Tree, window: Frame, at: number, end: number): void {
  const problem = icmp.check(window, at, end - at);
  if (problem === icmp.Problem.Truncated) {
    tree.octets('Malformed ICMP', at, end);
    return;
  }
  const type = icmp.type(window, at);
  const isEcho = type === icmp.Type.Echo || type === icmp.Type.EchoReply;
  tree.header('ICMP', at, icmp.HEADER_LENGTH, [
    tree.field('Type', at, 1, `${type}${named(ICMP_TYPES, type)}`),
    tree.field('Code', at + 1, 1, icmp.code(window, at)),
    checksum(tree, at + 2, icmp.headerChecksum(window, at), problem === null),
    ...(isEcho
      ? [
          tree.field('Identifier', at + 4, 2, icmp.identifier(window, at)),
          tree.field('Sequence', at + 6, 2, icmp.sequence(window, at)),
        ]
      : [tree.field('Rest of header', at + 4, 4, hex(icmp.rest(window, at), 8))]),
  ]);
  tree.octets('Data', at + icmp.HEADER_LENGTH, end);
}

function stream(tree: Tree, window: Frame, { at: l3, payload: at, end }: Payload): void {
  if (tcp.check(window, at, end - at) !== null) {
    tree.octets('Malformed TCP', at, end);
    return;
  }
  const offset = tcp.dataOffset(window, at);
  const flags = tcp.flags(window, at);
  const set = Object.entries(tcp.Flag).filter(([, bit]) => (flags & bit) !== 0);
  const isIntact = tcp.hasValidChecksum(
    window,
    at,
    ipv4.source(window, l3),
    ipv4.destination(window, l3),
    end - at,
  );
  const fixed = [
    tree.field('Source port', at, 2, tcp.sourcePort(window, at)),
    tree.field('Destination port', at + 2, 2, tcp.destinationPort(window, at)),
    tree.field('Sequence number', at + 4, 4, tcp.sequenceNumber(window, at)),
    tree.field('Acknowledgment number', at + 8, 4, tcp.acknowledgmentNumber(window, at)),
    tree.field('Data offset', at + 12, 1, offset),
    tree.field('Flags', at + 13, 1, set.map(([name]) => name.toUpperCase()).join(' ') || 'none'),
    tree.field('Window', at + 14, 2, tcp.window(window, at)),
    checksum(tree, at + 16, tcp.headerChecksum(window, at), isIntact),
    tree.field('Urgent pointer', at + 18, 2, tcp.urgentPointer(window, at)),
  ];
  const more = offset - tcp.HEADER_LENGTH;
  const options =
    more > 0 ? [tree.field('Options', at + tcp.HEADER_LENGTH, more, `${more} octets`)] : [];
  tree.header('TCP', at, offset, [...fixed, ...options]);
  tree.octets('Data', at + offset, end);
}

function datagram(tree: Tree, window: Frame, { at: l3, payload: at, end, depth }: Payload): void {
  if (udp.check(window, at, end - at) !== null) {
    tree.octets('Malformed UDP', at, end);
    return;
  }
  const sum = udp.headerChecksum(window, at);
  const isIntact = udp.hasValidChecksum(
    window,
    at,
    ipv4.source(window, l3),
    ipv4.destination(window, l3),
    udp.length(window, at),
  );
  tree.header('UDP', at, udp.HEADER_LENGTH, [
    tree.field('Source port', at, 2, udp.sourcePort(window, at)),
    tree.field('Destination port', at + 2, 2, udp.destinationPort(window, at)),
    tree.field('Length', at + 4, 2, udp.length(window, at)),
    checksum(tree, at + 6, sum, isIntact),
  ]);
  const data = at + udp.HEADER_LENGTH;
  const isTunnel =
    udp.destinationPort(window, at) === WellKnownPort.Vxlan &&
    vxlan.check(window, data, end - data) === null;
  if (!isTunnel || depth >= DEPTH_LIMIT) {
    tree.octets('Data', data, end);
    return;
  }
  tree.header('VXLAN', data, vxlan.HEADER_LENGTH, [
    tree.field('Flags', data, 1, '0x08 (VNI is valid)'),
    tree.field('VNI', data + 4, 3, vxlan.vni(window, data)),
  ]);
  link(tree, data + vxlan.HEADER_LENGTH, end, depth + 1);
}

function checksum(tree: Tree, at: number, value: number, isIntact: boolean): Field {
  return tree.field('Checksum', at, 2, `${hex(value, 4)}${isIntact ? '' : ' (wrong)'}`);
}

function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** ' (reply)'; empty for a number without a name. */
function named(names: Readonly<Record<number, string>>, value: number): string {
  const name = names[value];
  return name === undefined ? '' : ` (${name})`;
}

const ETHER_TYPES: Readonly<Record<number, string>> = {
  [EtherType.Arp]: 'ARP',
  [EtherType.Ipv4]: 'IPv4',
  [EtherType.Ipv6]: 'IPv6',
  [EtherType.Vlan]: '802.1Q',
};

const ARP_OPERATIONS: Readonly<Record<number, string>> = {
  [arp.Operation.Request]: 'request',
  [arp.Operation.Reply]: 'reply',
};

const PROTOCOLS: Readonly<Record<number, string>> = {
  [IpProtocol.Icmp]: 'ICMP',
  [IpProtocol.Tcp]: 'TCP',
  [IpProtocol.Udp]: 'UDP',
};

const ICMP_TYPES: Readonly<Record<number, string>> = {
  [icmp.Type.EchoReply]: 'echo reply',
  3: 'destination unreachable',
  [icmp.Type.Redirect]: 'redirect',
  [icmp.Type.Echo]: 'echo request',
  [icmp.Type.TimeExceeded]: 'time exceeded',
  [icmp.Type.ParameterProblem]: 'parameter problem',
};
