// What IPv4 hands its payloads to.

import type { IcmpError } from '../icmp/error.ts';
import type { Packet } from '../packet.ts';

/** TCP, UDP, ICMP, VRRP …: registered by protocol number. */
export interface TransportProtocol {
  /** The payload is `packet.frame`, `packet.l4` to `packet.end`; addresses and ports are the packet's numbers. */
  receive(packet: Packet): void;
  /** Whether what an ICMP error quotes fits a socket: only then it may change routes or path MTUs. */
  hasSent(error: IcmpError): boolean;
  /** An ICMP error that quotes a packet this host has sent. */
  receiveError(error: IcmpError): void;
  /** Whether the packet is of a connection that ends here, whatever the routes say. */
  hasConnection(packet: Packet): boolean;
}
