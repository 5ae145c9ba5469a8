// A TCP connect as a health check makes it: real SYNs through the data plane of the node that dials,
// so that every fault on the way can hit them. Only the outcome comes back.

import type { Nanos } from '../sim/time.ts';
import type { Ipv4Address } from '../wire/ipv4-address.ts';

/** How a dial ended, as Go's `net.Dialer` tells it. */
export const DialOutcome = {
  /** The handshake completed; the connection is closed at once. */
  Connected: 'connected',
  /** RST: ECONNREFUSED. */
  Refused: 'refused',
  /** Nothing came back within the timeout. */
  Timeout: 'timeout',
  /** EHOSTUNREACH: neighbor resolution failed, or ICMP host unreachable. */
  HostUnreachable: 'host-unreachable',
  /** ENETUNREACH: there is no route. */
  NetworkUnreachable: 'network-unreachable',
  /** Any other error of connect(2). */
  Failed: 'failed',
} as const;
/** How a dial ended. */
export type DialOutcome = (typeof DialOutcome)[keyof typeof DialOutcome];

/** Someone who can open TCP connections: a node, for the processes that run on its host network. */
export interface Dialer {
  /**
   * Connects to address:port; `done` is called exactly once, never before `dial` has returned. A host
   * without power, or one that loses it meanwhile, calls no one.
   */
  dial(
    address: Ipv4Address,
    port: number,
    timeout: Nanos,
    done: (outcome: DialOutcome) => void,
  ): void;
}

/** RFC 863 discard, the port that OpenShift's egress health checks dial. */
export const DISCARD_PORT = 9;
