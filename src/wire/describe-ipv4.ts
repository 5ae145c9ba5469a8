// The IPv4 part of describe.ts: one line per packet, decoders registered by IP protocol. Shows
// fragments, wrong checksums and malformed headers instead of stopping at them.

import type { InnerDecoder } from './decoder.ts';
import type { Frame } from './frame.ts';
import * as geneve from './geneve.ts';
import * as icmp from './icmp.ts';
import * as ipv4 from './ipv4.ts';
import { formatIpv4 } from './ipv4-address.ts';
import { IpProtocol, WellKnownPort } from './numbers.ts';
import * as ports from './ports.ts';
import * as tcp from './tcp.ts';
import * as tcpOptions from './tcp-options.ts';
import * as udp from './udp.ts';
import * as vxlan from './vxlan.ts';

/** `[at, end)` is the payload of the packet at `l3`, whose header is well formed. */
type PayloadDecoder = (
  frame: Frame,
  l3: number,
  at: number,
  end: number,
  inner: InnerDecoder,
) => Description;

/** Ports stand behind the addresses; `text` after the colon. */
interface Description {
  readonly ports: { readonly source: number; readonly destination: number } | null;
  readonly text: string;
}

const DECODERS: ReadonlyMap<number, PayloadDecoder> = new Map<number, PayloadDecoder>([
  [IpProtocol.Icmp, describeIcmp],
  [IpProtocol.Tcp, describeTcp],
  [IpProtocol.Udp, describeUdp],
]);

const PROTOCOL_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [IpProtocol.Icmp, 'ICMP'],
  [IpProtocol.Tcp, 'TCP'],
  [IpProtocol.Udp, 'UDP'],
  [IpProtocol.Vrrp, 'VRRP'],
]);

const ICMP_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [icmp.Type.EchoReply, 'echo reply'],
  [icmp.Type.SourceQuench, 'source quench'],
  [icmp.Type.Redirect, 'redirect'],
  [icmp.Type.Echo, 'echo request'],
  [icmp.Type.TimeExceeded, 'time exceeded'],
  [icmp.Type.ParameterProblem, 'parameter problem'],
  [icmp.Type.TimestampRequest, 'timestamp request'],
  [icmp.Type.TimestampReply, 'timestamp reply'],
]);

const UNREACHABLE_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [icmp.UnreachableCode.Network, 'net unreachable'],
  [icmp.UnreachableCode.Host, 'host unreachable'],
  [icmp.UnreachableCode.Protocol, 'protocol unreachable'],
  [icmp.UnreachableCode.Port, 'port unreachable'],
  [icmp.UnreachableCode.FragmentationNeeded, 'fragmentation needed'],
  [icmp.UnreachableCode.SourceRouteFailed, 'source route failed'],
  [icmp.UnreachableCode.NetworkUnknown, 'net unknown'],
  [icmp.UnreachableCode.HostUnknown, 'host unknown'],
  [icmp.UnreachableCode.NetworkProhibited, 'net prohibited'],
  [icmp.UnreachableCode.HostProhibited, 'host prohibited'],
  [icmp.UnreachableCode.AdministrativelyProhibited, 'administratively prohibited'],
]);

/** In the order in which tcpdump prints them. */
const TCP_FLAG_LETTERS = [
  [tcp.Flag.Fin, 'F'],
  [tcp.Flag.Syn, 'S'],
  [tcp.Flag.Rst, 'R'],
  [tcp.Flag.Psh, 'P'],
  [tcp.Flag.Ack, '.'],
  [tcp.Flag.Urg, 'U'],
  [tcp.Flag.Ece, 'E'],
  [tcp.Flag.Cwr, 'W'],
] as const;

/** The packet at `at`, up to the end of the frame. */
export function describeIpv4(frame: Frame, at: number, inner: InnerDecoder): string {
  const problem = ipv4.check(frame, at);
  if (problem !== null && problem !== ipv4.Problem.BadChecksum) return malformed('IPv4', problem);
  const mark = problem === null ? '' : ' [bad ip checksum]';
  const payload = at + ipv4.headerLength(frame, at);
  const end = at + ipv4.totalLength(frame, at);
  // A wrong checksum is found before wrong lengths are looked for.
  if (end > frame.end || end < payload) return `${malformed('IPv4', 'bad-total-length')}${mark}`;
  const { ports, text } = describePayload(frame, at, payload, end, inner);
  const source = formatIpv4(ipv4.source(frame, at));
  const destination = formatIpv4(ipv4.destination(frame, at));
  if (ports === null) return `IP ${source} > ${destination}: ${text}${mark}`;
  return `IP ${source}.${ports.source} > ${destination}.${ports.destination}: ${text}${mark}`;
}

function describePayload(
  frame: Frame,
  l3: number,
  at: number,
  end: number,
  inner: InnerDecoder,
): Description {
  const protocol = ipv4.protocol(frame, l3);
  if (ipv4.isFragment(frame, l3)) {
    const offset = ipv4.fragmentOffset(frame, l3);
    const more = ipv4.moreFragments(frame, l3) ? '+' : '';
    const id = ipv4.identification(frame, l3);
    return plain(`${nameOf(protocol)}, fragment ${end - at}@${offset}${more} of id ${id}`);
  }
  const decode = DECODERS.get(protocol);
  if (decode === undefined) return plain(`${nameOf(protocol)}, length ${end - at}`);
  return decode(frame, l3, at, end, inner);
}

function describeIcmp(frame: Frame, _l3: number, at: number, end: number): Description {
  const length = end - at;
  const problem = icmp.check(frame, at, length);
  if (problem === icmp.Problem.Truncated) return plain(malformed('ICMP', problem));
  const mark = problem === null ? '' : ' [bad icmp checksum]';
  const type = icmp.type(frame, at);
  let text = `ICMP ${icmpName(frame, at)}`;
  if (icmp.isError(type)) {
    text += `, for ${describeOffender(frame, at + icmp.HEADER_LENGTH, end)}`;
  } else {
    text += `, id ${icmp.identifier(frame, at)}, seq ${icmp.sequence(frame, at)}`;
  }
  return plain(`${text}, length ${length}${mark}`);
}

function icmpName(frame: Frame, at: number): string {
  const type = icmp.type(frame, at);
  const code = icmp.code(frame, at);
  if (type !== icmp.Type.Unreachable) return ICMP_NAMES.get(type) ?? `type ${type} code ${code}`;
  const name = UNREACHABLE_NAMES.get(code) ?? `unreachable code ${code}`;
  if (code !== icmp.UnreachableCode.FragmentationNeeded) return name;
  return `${name} (mtu ${icmp.nextHopMtu(frame, at)})`;
}

// The packet inside an error is often cut, and NAT on the way may have left its checksum wrong.
function describeOffender(frame: Frame, at: number, end: number): string {
  if (at + ipv4.HEADER_LENGTH > end || ipv4.version(frame, at) !== 4) return '[malformed packet]';
  const protocol = ipv4.protocol(frame, at);
  const source = formatIpv4(ipv4.source(frame, at));
  const destination = formatIpv4(ipv4.destination(frame, at));
  const l4 = at + Math.max(ipv4.headerLength(frame, at), ipv4.HEADER_LENGTH);
  const hasPorts = protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp;
  if (!hasPorts || l4 + ports.LENGTH > end || ipv4.fragmentOffset(frame, at) > 0) {
    return `${nameOf(protocol)} ${source} > ${destination}`;
  }
  const sourcePort = ports.sourcePort(frame, l4);
  const destinationPort = ports.destinationPort(frame, l4);
  return `${nameOf(protocol)} ${source}.${sourcePort} > ${destination}.${destinationPort}`;
}

function describeUdp(
  frame: Frame,
  l3: number,
  at: number,
  end: number,
  inner: InnerDecoder,
): Description {
  const problem = udp.check(frame, at, end - at);
  if (problem !== null) return plain(malformed('UDP', problem));
  const length = udp.length(frame, at);
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  const valid = udp.hasValidChecksum(frame, at, source, destination, length);
  const mark = valid ? '' : ' [bad udp checksum]';
  const ports = {
    source: udp.sourcePort(frame, at),
    destination: udp.destinationPort(frame, at),
  };
  let text = `UDP, length ${length - udp.HEADER_LENGTH}${mark}`;
  if (ports.destination === WellKnownPort.Vxlan) {
    text += describeVxlan(frame, at + udp.HEADER_LENGTH, at + length, inner);
  } else if (ports.destination === WellKnownPort.Geneve) {
    text += describeGeneve(frame, at + udp.HEADER_LENGTH, at + length, inner);
  }
  return { ports, text };
}

function describeVxlan(frame: Frame, at: number, end: number, inner: InnerDecoder): string {
  if (vxlan.check(frame, at, end - at) !== null) {
    return ` ${malformed('VXLAN', 'bad header')}`;
  }
  return ` VXLAN vni ${vxlan.vni(frame, at)} | ${inner(frame, at + vxlan.HEADER_LENGTH, end)}`;
}

function describeGeneve(frame: Frame, at: number, end: number, inner: InnerDecoder): string {
  if (geneve.check(frame, at, end - at) !== null) {
    return ` ${malformed('Geneve', 'bad header')}`;
  }
  const payload = at + geneve.headerLength(frame, at);
  return ` Geneve vni ${geneve.vni(frame, at)} | ${inner(frame, payload, end)}`;
}

function describeTcp(frame: Frame, l3: number, at: number, end: number): Description {
  const problem = tcp.check(frame, at, end - at);
  if (problem !== null) return plain(malformed('TCP', problem));
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  const valid = tcp.hasValidChecksum(frame, at, source, destination, end - at);
  const mark = valid ? '' : ' [bad tcp checksum]';
  const flags = tcp.flags(frame, at);
  const length = end - at - tcp.dataOffset(frame, at);
  const sequence = tcp.sequenceNumber(frame, at);
  const parts = [`Flags [${tcpFlags(flags)}]`];
  if (length > 0) parts.push(`seq ${sequence}:${(sequence + length) >>> 0}`);
  else if (flags !== tcp.Flag.Ack) parts.push(`seq ${sequence}`);
  if ((flags & tcp.Flag.Ack) !== 0) parts.push(`ack ${tcp.acknowledgmentNumber(frame, at)}`);
  parts.push(`win ${tcp.window(frame, at)}`);
  if ((flags & tcp.Flag.Urg) !== 0) parts.push(`urg ${tcp.urgentPointer(frame, at)}`);
  const options = describeTcpOptions(tcpOptions.parse(frame, at));
  if (options !== '') parts.push(`options [${options}]`);
  parts.push(`length ${length}${mark}`);
  return {
    ports: { source: tcp.sourcePort(frame, at), destination: tcp.destinationPort(frame, at) },
    text: parts.join(', '),
  };
}

function tcpFlags(flags: number): string {
  let letters = '';
  for (const [bit, letter] of TCP_FLAG_LETTERS) if ((flags & bit) !== 0) letters += letter;
  return letters === '' ? 'none' : letters;
}

function describeTcpOptions(options: tcpOptions.TcpOptions): string {
  const parts: string[] = [];
  if (options.mss !== null) parts.push(`mss ${options.mss}`);
  if (options.sackPermitted) parts.push('sackOK');
  if (options.timestamps !== null) {
    parts.push(`TS val ${options.timestamps.value} ecr ${options.timestamps.echo}`);
  }
  if (options.windowScale !== null) parts.push(`wscale ${options.windowScale}`);
  return parts.join(',');
}

function nameOf(protocol: number): string {
  return PROTOCOL_NAMES.get(protocol) ?? `ip-proto-${protocol}`;
}

function malformed(what: string, problem: string): string {
  return `[malformed ${what}: ${problem}]`;
}

function plain(text: string): Description {
  return { ports: null, text };
}
