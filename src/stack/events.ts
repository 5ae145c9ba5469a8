// What the network stack of a machine says in the event log. Addresses and MAC addresses are text, as
// `ip` prints them.

import type { CidrText } from '../wire/ipv4-address.ts';
import type { NeighborCause, NeighborStateName } from './neighbor/state.ts';
import type { Errno } from './socket/errno.ts';

/** By the name of the machine. */
export interface StackEvents {
  /** A port found or lost its carrier. */
  readonly 'carrier-changed': { readonly interface: string; readonly carrier: boolean };
  /** An interface was set up or down. */
  readonly 'interface-changed': { readonly interface: string; readonly state: 'up' | 'down' };
  /** An interface has one address more. */
  readonly 'address-added': { readonly address: CidrText; readonly interface: string };
  /** And one less. */
  readonly 'address-removed': { readonly address: CidrText; readonly interface: string };
  /**
   * Somebody on the machine answers for an address that stands on none of its interfaces: a logical
   * router, or the kernel for an address that it publishes.
   */
  readonly 'claim-added': {
    /** Without a prefix length. */
    readonly address: string;
    /** 'GR_worker02'; the machine itself when its kernel answers. */
    readonly holder: string;
    /** Where it answers. */
    readonly interface: string;
    /** With which MAC address. */
    readonly mac: string;
  };
  /** It answers no more. A power failure ends all claims of a machine without this. */
  readonly 'claim-removed': {
    readonly address: string;
    readonly holder: string;
    readonly interface: string;
  };
  /** An ARP entry changed its state or its MAC address, or both. */
  readonly 'neighbor-changed': {
    readonly interface: string;
    /** Without a prefix length. */
    readonly address: string;
    /** Null while none is known. */
    readonly mac: string | null;
    /** GONE when the entry was given up. */
    readonly state: NeighborStateName | 'GONE';
    readonly previousMac: string | null;
    readonly previousState: NeighborStateName;
    readonly cause: NeighborCause;
  };
  /** An ICMP error made the way to an address narrower. */
  readonly 'path-mtu-learned': {
    readonly destination: string;
    /** Octets of an IP packet. */
    readonly mtu: number;
  };
  /** An ICMP redirect was believed. */
  readonly 'redirect-accepted': { readonly destination: string; readonly gateway: string };
  /** A TCP connection ended with an error. */
  readonly 'connection-broken': {
    /** '10.128.0.5:40000'. */
    readonly local: string;
    readonly remote: string;
    readonly error: Errno;
  };
}
