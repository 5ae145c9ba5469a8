// Who complains to the senders of packets: what the rest of a host knows of ICMP.

import type { Note } from '../../wire/frame.ts';
import type { Packet } from '../packet.ts';

/** Sends ICMP errors, as far as RFC 1122 3.2.2 and the limits allow. `Icmp` is one. */
export interface IcmpSender {
  /** Complains about a packet to its sender (icmp_send). `rest` is the second word of the message. */
  sendError(packet: Packet, type: number, code: number, rest: number, note?: Note | null): void;
  /** Unreachable with this code, for a packet without a route: under a limit of its own (ip_error). */
  sendRoutingError(packet: Packet, code: number): void;
  /** A forwarded packet leaves by the interface it came in: tells its sender the shorter way. */
  considerRedirect(packet: Packet): void;
}
