// What a service is made of: something that serves TCP connections and answers datagrams. Applications
// know nothing of ports; service.ts gives them one.

import type { NetworkStack } from '../stack/stack.ts';
import type { TcpAcceptor } from '../stack/tcp/handlers.ts';
import type { UdpHandlers, UdpSocket } from '../stack/udp/socket.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';

/** Serves both protocols. */
export interface Application extends TcpAcceptor, UdpHandlers {}

/** What an application has seen and said. */
export class ServiceStatistics {
  /** Datagrams, or requests over TCP. */
  requests = 0;
  rxOctets = 0;
  txOctets = 0;
}

/** Makes the application for one service on a host. */
export type ApplicationFactory = (
  stack: NetworkStack,
  statistics: ServiceStatistics,
) => Application;

/**
 * Answers a datagram: from the address that the route chooses, as a server does that only knows
 * sendto(2); with IP_PKTINFO from the address that was asked, if it is one of the host's.
 */
export function answerDatagram(
  stack: NetworkStack,
  socket: UdpSocket,
  octets: Uint8Array,
  peer: Ipv4Address,
  peerPort: number,
  addressed: Ipv4Address,
): void {
  const isAsked = socket.packetInfo && stack.addresses.isLocal(addressed);
  socket.sendTo(peer, peerPort, octets, isAsked ? addressed : socket.localAddress);
}
