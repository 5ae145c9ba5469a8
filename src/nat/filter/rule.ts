// One rule of the filter table: which packets, and what becomes of them.

import type { Packet } from '../../stack/packet.ts';
import type { Note } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import {
  cidrContains,
  formatCidr,
  type Ipv4Address,
  type Ipv4Cidr,
} from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import type { PortRange } from '../../wire/ranges.ts';
import * as tcp from '../../wire/tcp.ts';
import { type ConnectionState, stateOf } from '../conntrack/connection-state.ts';
import { protocolText } from '../protocol-name.ts';
import type { RejectWith } from './reject.ts';

/** All that is given must hold; in a list, one of its members. */
export interface FilterMatch {
  readonly from?: readonly Ipv4Cidr[];
  readonly to?: readonly Ipv4Cidr[];
  /** An IANA number. */
  readonly protocol?: number;
  readonly sourcePorts?: PortRange;
  readonly destinationPorts?: PortRange;
  readonly icmpType?: number;
  /** `--syn`: TCP segments that ask for a connection. */
  readonly syn?: boolean;
  readonly inInterface?: string;
  readonly outInterface?: string;
  /** Needs conntrack, which is attached when such a rule is added. */
  readonly states?: readonly ConnectionState[];
  readonly mark?: number;
}

/** What a rule or a policy does with a packet. */
export type FilterAction = 'accept' | 'drop' | 'reject';

/** A rule as it is written. */
export interface FilterRuleSpec {
  readonly match: FilterMatch;
  readonly action: FilterAction;
  /** What 'reject' answers; 'icmp-port-unreachable' if not given. */
  readonly rejectWith?: RejectWith;
  readonly comment?: string;
}

/** A rule in force. */
export class FilterRule {
  readonly match: FilterMatch;
  readonly action: FilterAction;
  readonly rejectWith: RejectWith;
  readonly comment: string | null;
  /** How many packets it has decided. */
  packets = 0;
  #rejection: Note | null = null;

  constructor(spec: FilterRuleSpec) {
    this.match = spec.match;
    this.action = spec.action;
    this.rejectWith = spec.rejectWith ?? 'icmp-port-unreachable';
    this.comment = spec.comment ?? null;
  }

  /** What the answer of a 'reject' says in captures. */
  get rejection(): Note {
    this.#rejection ??= { text: `rejected: ${this.comment ?? this.text}` };
    return this.#rejection;
  }

  matches(packet: Packet): boolean {
    const { from, to, protocol, inInterface, outInterface, states, mark } = this.match;
    if (protocol !== undefined && packet.protocol !== protocol) return false;
    if (from !== undefined && !isIn(from, packet.source)) return false;
    if (to !== undefined && !isIn(to, packet.destination)) return false;
    if (inInterface !== undefined && packet.ingress?.name !== inInterface) return false;
    if (outInterface !== undefined && packet.egress?.name !== outInterface) return false;
    if (mark !== undefined && packet.mark !== mark) return false;
    if (!this.#portsMatch(packet)) return false;
    if (this.match.syn === true && !isSyn(packet)) return false;
    return states === undefined || states.includes(stateOf(packet));
  }

  /** As `iptables -S` prints it, without the chain. */
  get text(): string {
    const { from, to, protocol, inInterface, outInterface, icmpType, states, mark } = this.match;
    const parts: string[] = [];
    if (from !== undefined) parts.push(`-s ${from.map(formatCidr).join(',')}`);
    if (to !== undefined) parts.push(`-d ${to.map(formatCidr).join(',')}`);
    if (inInterface !== undefined) parts.push(`-i ${inInterface}`);
    if (outInterface !== undefined) parts.push(`-o ${outInterface}`);
    if (protocol !== undefined) parts.push(`-p ${protocolText(protocol)}`);
    const { sourcePorts, destinationPorts } = this.match;
    if (sourcePorts !== undefined) parts.push(`--sport ${formatPorts(sourcePorts)}`);
    if (destinationPorts !== undefined) parts.push(`--dport ${formatPorts(destinationPorts)}`);
    if (this.match.syn === true) parts.push('--tcp-flags FIN,SYN,RST,ACK SYN');
    if (icmpType !== undefined) parts.push(`--icmp-type ${icmpType}`);
    if (states !== undefined) {
      parts.push(`-m conntrack --ctstate ${states.join(',').toUpperCase()}`);
    }
    if (mark !== undefined) parts.push(`-m mark --mark 0x${mark.toString(16)}`);
    if (this.comment !== null) parts.push(`-m comment --comment "${this.comment}"`);
    parts.push(`-j ${this.action.toUpperCase()}`);
    if (this.action === 'reject') parts.push(`--reject-with ${this.rejectWith}`);
    return parts.join(' ');
  }

  #portsMatch(packet: Packet): boolean {
    const { sourcePorts, destinationPorts, icmpType } = this.match;
    if (icmpType !== undefined && icmpTypeOf(packet) !== icmpType) return false;
    if (sourcePorts === undefined && destinationPorts === undefined) return true;
    const { protocol } = packet;
    if (protocol !== IpProtocol.Tcp && protocol !== IpProtocol.Udp) return false;
    // A later fragment has no ports, so it matches none (ports_match in iptables).
    if (packet.fragmentOffset > 0) return false;
    if (sourcePorts !== undefined && !contains(sourcePorts, packet.sourcePort)) return false;
    return destinationPorts === undefined || contains(destinationPorts, packet.destinationPort);
  }
}

function isIn(list: readonly Ipv4Cidr[], address: Ipv4Address): boolean {
  for (const cidr of list) if (cidrContains(cidr, address)) return true;
  return false;
}

function contains(ports: PortRange, port: number): boolean {
  return port >= ports.low && port <= ports.high;
}

/** Null for packets that are no ICMP, or too short to tell. */
function icmpTypeOf(packet: Packet): number | null {
  const { protocol, fragmentOffset, frame, l4, end } = packet;
  if (protocol !== IpProtocol.Icmp || fragmentOffset > 0 || end <= l4) return null;
  return icmp.type(frame, l4);
}

/** SYN, and none of FIN, RST and ACK. */
function isSyn({ protocol, fragmentOffset, frame, l4, end }: Packet): boolean {
  if (protocol !== IpProtocol.Tcp || fragmentOffset > 0 || end - l4 < tcp.HEADER_LENGTH)
    return false;
  const asked = tcp.Flag.Fin | tcp.Flag.Syn | tcp.Flag.Rst | tcp.Flag.Ack;
  return (tcp.flags(frame, l4) & asked) === tcp.Flag.Syn;
}

function formatPorts({ low, high }: PortRange): string {
  return low === high ? String(low) : `${low}:${high}`;
}
