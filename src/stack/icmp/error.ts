// An ICMP error as the transport protocols see it: what was said about which packet of ours.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';

/** What an ICMP error says, and about what. */
export interface IcmpError {
  readonly type: number;
  readonly code: number;
  /** Next-hop MTU of type 3 code 4, otherwise 0. */
  readonly mtu: number;
  /** Who sent the error. */
  readonly from: Ipv4Address;
  /** The quoted packet, as this host sent it. */
  readonly source: Ipv4Address;
  readonly destination: Ipv4Address;
  readonly protocol: number;
  /** Ports, or twice the identifier of an ICMP query. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** Of a quoted TCP segment; otherwise 0. */
  readonly tcpSequence: number;
  /** Of a quoted ICMP message; -1 for other protocols. */
  readonly icmpType: number;
  /** Of a quoted echo request; otherwise 0. */
  readonly echoSequence: number;
}
