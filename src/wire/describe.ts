// A frame as one line, for people, in the manner of tcpdump(8). Total: any octets give a line, and
// what is malformed is shown as such in brackets. Decoders are registered by EtherType here, by IP
// protocol in describe-ipv4.ts. Sequence numbers are absolute: a line depends on its frame alone.

import * as arp from './arp.ts';
import type { Decoder } from './decoder.ts';
import { describeIpv4 } from './describe-ipv4.ts';
import * as ethernet from './ethernet.ts';
import { Frame } from './frame.ts';
import { ANY_ADDRESS, formatIpv4 } from './ipv4-address.ts';
import { formatMac } from './mac-address.ts';
import { EtherType } from './numbers.ts';

const DECODERS: ReadonlyMap<number, Decoder> = new Map<number, Decoder>([
  [EtherType.Arp, describeArp],
  [EtherType.Ipv4, describeIpv4],
]);

const UNDECODED_NAMES: ReadonlyMap<number, string> = new Map<number, string>([
  [EtherType.Vlan, '802.1Q'],
  [EtherType.Ipv6, 'IPv6'],
]);

/** Below this the type field is a length, IEEE 802.3 3.2.6. */
const FIRST_ETHER_TYPE = 0x600;
/** Tunnels in tunnels beyond this are not unwrapped. */
const DEPTH_LIMIT = 4;

/** One line without the MAC addresses: 'IP 10.0.0.1 > 10.0.0.2: ICMP echo request, id 1, …'. */
export function describe(frame: Frame): string {
  return describeAtDepth(frame, 0);
}

/** The MAC addresses, as `tcpdump -e` puts them before the line: '02:…:01 > 02:…:02'. */
export function describeAddresses(frame: Frame): string {
  if (frame.length < ethernet.HEADER_LENGTH) return '[runt]';
  const destination = ethernet.destination(frame);
  return `${formatMac(ethernet.source(frame))} > ${formatMac(destination)}`;
}

function describeAtDepth(frame: Frame, depth: number): string {
  if (frame.length < ethernet.HEADER_LENGTH) return `[runt frame, ${frame.length} octets]`;
  const type = ethernet.etherType(frame);
  const decode = DECODERS.get(type);
  const at = frame.start + ethernet.HEADER_LENGTH;
  if (decode !== undefined) {
    return decode(frame, at, (outer, from, to) => {
      if (depth >= DEPTH_LIMIT) return `${to - from} octets`;
      const window = new Frame(outer.bytes, outer.view, from, to - from, outer.packetId);
      return describeAtDepth(window, depth + 1);
    });
  }
  if (type < FIRST_ETHER_TYPE) return `802.3, length ${frame.length}`;
  const name = UNDECODED_NAMES.get(type) ?? `ethertype 0x${type.toString(16).padStart(4, '0')}`;
  return `${name}, length ${frame.length}`;
}

// Names per RFC 5227 1.1 and 2.1.1: a probe says nothing about its sender's address; what says
// 'sender = target' announces, as a request or as a reply.
function describeArp(frame: Frame, at: number): string {
  if (arp.check(frame, at) !== null) return `[malformed ARP, length ${frame.length}]`;
  const operation = arp.operation(frame, at);
  const senderIp = arp.senderIp(frame, at);
  const targetIp = arp.targetIp(frame, at);
  const senderMac = formatMac(arp.senderMac(frame, at));
  const sender = formatIpv4(senderIp);
  const target = formatIpv4(targetIp);
  if (operation === arp.Operation.Request) {
    if (senderIp === ANY_ADDRESS) return `ARP, Probe who-has ${target} from ${senderMac}`;
    if (senderIp === targetIp) return `ARP, Announcement ${sender} is-at ${senderMac} (request)`;
    return `ARP, Request who-has ${target} tell ${sender} (${senderMac})`;
  }
  if (operation === arp.Operation.Reply) {
    if (senderIp === targetIp) return `ARP, Announcement ${sender} is-at ${senderMac} (reply)`;
    return `ARP, Reply ${sender} is-at ${senderMac}`;
  }
  return `ARP, operation ${operation}, sender ${sender} (${senderMac}), target ${target}`;
}
