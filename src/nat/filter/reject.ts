// What REJECT answers (nf_reject_ipv4.c): an ICMP error, or for TCP a RST as if no socket listened. It
// answers only packets that are in order: a sender of garbage would not understand.

import { seconds } from '../../sim/time.ts';
import { Ipv4 } from '../../stack/ipv4/ipv4.ts';
import type { Packet } from '../../stack/packet.ts';
import type { NetworkStack } from '../../stack/stack.ts';
import type { Note } from '../../wire/frame.ts';
import * as icmp from '../../wire/icmp.ts';
import * as ipv4 from '../../wire/ipv4.ts';
import { ANY_ADDRESS } from '../../wire/ipv4-address.ts';
import { IpProtocol } from '../../wire/numbers.ts';
import * as tcp from '../../wire/tcp.ts';
import * as udp from '../../wire/udp.ts';
import { type Connection, ConnectionStatus, connectionOf } from '../conntrack/connection.ts';
import { TrackedState } from '../tcp/states.ts';

/** 'tcp-reset' answers nothing but TCP. */
export type RejectWith = IcmpAnswer | 'tcp-reset';

type IcmpAnswer =
  | 'icmp-net-unreachable'
  | 'icmp-host-unreachable'
  | 'icmp-proto-unreachable'
  | 'icmp-port-unreachable'
  | 'icmp-net-prohibited'
  | 'icmp-host-prohibited'
  | 'icmp-admin-prohibited';

/** The values of `--reject-with`, and the code of the destination unreachable each one sends. */
const ICMP_ANSWERS: Readonly<Record<IcmpAnswer, number>> = {
  'icmp-net-unreachable': icmp.UnreachableCode.Network,
  'icmp-host-unreachable': icmp.UnreachableCode.Host,
  'icmp-proto-unreachable': icmp.UnreachableCode.Protocol,
  'icmp-port-unreachable': icmp.UnreachableCode.Port,
  'icmp-net-prohibited': icmp.UnreachableCode.NetworkProhibited,
  'icmp-host-prohibited': icmp.UnreachableCode.HostProhibited,
  'icmp-admin-prohibited': icmp.UnreachableCode.AdministrativelyProhibited,
};

/** Answers a packet that is about to be dropped; the note says why. */
export function reject(
  stack: NetworkStack,
  packet: Packet,
  answer: RejectWith,
  note: Note | null = null,
): void {
  if (packet.fragmentOffset > 0 || !isIntact(packet)) return;
  if (answer === 'tcp-reset') {
    if (packet.protocol === IpProtocol.Tcp) reset(stack, packet, note);
  } else {
    stack.icmp.sendError(packet, icmp.Type.Unreachable, ICMP_ANSWERS[answer], 0, note);
  }
}

/** nf_send_reset. The source is the segment's destination, whether that address is ours or not. */
function reset(stack: NetworkStack, packet: Packet, note: Note | null): void {
  const { frame, l4, end } = packet;
  // The route says whether it was to a group (skb_rtable), not the frame's MAC.
  if (packet.isToGroup || tcp.check(frame, l4, end - l4) !== null) return;
  const flags = tcp.flags(frame, l4);
  if ((flags & tcp.Flag.Rst) !== 0) return;
  const isOurs = stack.addresses.isLocal(packet.destination);
  const route = stack.ipv4.route(packet.source, isOurs ? packet.destination : ANY_ADDRESS);
  if (typeof route === 'string') return;
  route.source = packet.destination;
  const answer = stack.ipv4.allocate(tcp.HEADER_LENGTH);
  answer.note = note;
  const at = answer.start + Ipv4.PAYLOAD_OFFSET;
  const { sourcePort, destinationPort } = packet;
  if ((flags & tcp.Flag.Ack) !== 0) {
    const sequence = tcp.acknowledgmentNumber(frame, l4);
    tcp.emit(answer, at, destinationPort, sourcePort, sequence, 0, tcp.Flag.Rst, 0);
  } else {
    const acknowledged = tcp.sequenceNumber(frame, l4) + sequenceLength(packet, flags);
    const rst = tcp.Flag.Rst | tcp.Flag.Ack;
    tcp.emit(answer, at, destinationPort, sourcePort, 0, acknowledged >>> 0, rst, 0);
  }
  tcp.refreshChecksum(answer, at, packet.destination, packet.source, tcp.HEADER_LENGTH);
  const tracked = connectionOf(packet);
  if (tracked !== null) setClosing(stack, tracked);
  // nf_ct_attach: the refusal goes with the connection, whose tracker does not look at it.
  stack.ipv4.send(answer, IpProtocol.Tcp, route, packet.source, {
    unconnected: true,
    neverFragment: true,
    about: packet,
  });
}

/** nf_conntrack_tcp_set_closing. */
function setClosing({ scheduler, sysctl }: NetworkStack, connection: Connection): void {
  const { tcp: tracking } = connection;
  if (tracking === null || !connection.has(ConnectionStatus.Confirmed)) return;
  if (tracking.state === TrackedState.Close) return;
  tracking.state = TrackedState.Close;
  connection.expires = scheduler.now + seconds(sysctl.host.nf_conntrack_tcp_timeout_close);
}

function sequenceLength(packet: Packet, flags: number): number {
  const { frame, l4, end } = packet;
  const syn = (flags & tcp.Flag.Syn) !== 0 ? 1 : 0;
  const fin = (flags & tcp.Flag.Fin) !== 0 ? 1 : 0;
  return end - l4 - tcp.dataOffset(frame, l4) + syn + fin;
}

/** nf_ip_checksum, by the bytes as they came: NAT may have changed the numbers already. */
function isIntact(packet: Packet): boolean {
  const { frame, l3, l4, end, protocol } = packet;
  if (frame.offload !== null) return true;
  const length = end - l4;
  const source = ipv4.source(frame, l3);
  const destination = ipv4.destination(frame, l3);
  switch (protocol) {
    case IpProtocol.Tcp:
      return (
        length >= tcp.HEADER_LENGTH && tcp.hasValidChecksum(frame, l4, source, destination, length)
      );
    case IpProtocol.Udp:
      return (
        length >= udp.HEADER_LENGTH && udp.hasValidChecksum(frame, l4, source, destination, length)
      );
    case IpProtocol.Icmp:
      return icmp.check(frame, l4, length) === null;
    default:
      return true;
  }
}
