// The trackers of protocols without a state machine: UDP, ICMP queries, and whatever else there is
// (nf_conntrack_proto_udp.c, _icmp.c, _generic.c).

import { type Nanos, seconds } from '../../sim/time.ts';
import type { Packet } from '../../stack/packet.ts';
import type { HostConf } from '../../stack/sysctl/values.ts';
import * as icmp from '../../wire/icmp.ts';
import * as udp from '../../wire/udp.ts';
import { type Connection, ConnectionStatus } from './connection.ts';

/** The kernel's clock ticks 250 times a second, and it compares whole ticks. */
const TICK: Nanos = seconds(1) / 250;
/** A UDP flow that lasts longer than two seconds, in both directions, is a stream. */
const STREAM_TICKS: number = seconds(2) / TICK;
/** NR_ICMP_TYPES: higher ones are a mystery, and invalid. */
const HIGHEST_ICMP_TYPE = 18;

/** udp_error. */
export function isWellFormedUdp(packet: Packet, verifyChecksum: boolean): boolean {
  const { frame, l4, end, source, destination } = packet;
  if (udp.check(frame, l4, end - l4) !== null) return false;
  if (!verifyChecksum) return true;
  // nf_ip_checksum: of all that is there, whatever the length field says.
  return udp.hasValidChecksum(frame, l4, source, destination, end - l4);
}

/** The first part of nf_conntrack_icmpv4_error, for queries and errors alike. */
export function isWellFormedIcmp(packet: Packet, verifyChecksum: boolean): boolean {
  const { frame, l4, end } = packet;
  if (end - l4 < icmp.HEADER_LENGTH) return false;
  if (verifyChecksum && !icmp.hasValidChecksum(frame, l4, end - l4)) return false;
  return icmp.type(frame, l4) <= HIGHEST_ICMP_TYPE;
}

/** ICMP connections begin with a question. */
export function isIcmpRequest(type: number): boolean {
  return (
    type === icmp.Type.Echo ||
    type === icmp.Type.TimestampRequest ||
    type === icmp.Type.InformationRequest ||
    type === icmp.Type.AddressMaskRequest
  );
}

/** nf_conntrack_udp_packet, time_after(jiffies, stream_ts). */
function isStream(connection: Connection, now: Nanos): boolean {
  return Math.floor(now / TICK) > Math.floor(connection.created / TICK) + STREAM_TICKS;
}

/** nf_conntrack_udp_packet. */
export function trackUdp(connection: Connection, conf: HostConf, now: Nanos): void {
  if (connection.has(ConnectionStatus.SeenReply) && isStream(connection, now)) {
    connection.status |= ConnectionStatus.Assured;
    connection.expires = now + seconds(conf.nf_conntrack_udp_timeout_stream);
  } else {
    connection.expires = now + seconds(conf.nf_conntrack_udp_timeout);
  }
}

/** nf_conntrack_icmp_packet. */
export function trackIcmp(connection: Connection, conf: HostConf, now: Nanos): void {
  connection.expires = now + seconds(conf.nf_conntrack_icmp_timeout);
}

/** nf_conntrack_generic_packet: protocols without a tracker. */
export function trackGeneric(connection: Connection, conf: HostConf, now: Nanos): void {
  connection.expires = now + seconds(conf.nf_conntrack_generic_timeout);
}
