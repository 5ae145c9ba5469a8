// What a connection is born with. Made by tcp.ts alone.

import type { Ipv4Address } from '../../wire/ipv4-address.ts';
import type { TcpHandlers } from './handlers.ts';
import type { TcpListener } from './listener.ts';

/** Addresses, ports, sequence numbers and manners. */
export interface ConnectionOptions {
  readonly localAddress: Ipv4Address;
  readonly localPort: number;
  readonly remoteAddress: Ipv4Address;
  readonly remotePort: number;
  readonly handlers: TcpHandlers;
  readonly initialSequence: number;
  readonly timestampOffset: number;
  /** Of the route to the peer. */
  readonly mtu: number;
  /** Whose SYN opened it; null for an active open. */
  readonly listener: TcpListener | null;
  readonly nagle: boolean;
  readonly keepAlive: boolean;
}
