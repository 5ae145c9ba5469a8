// Addresses and ports in a row, as rules name them.

import type { Ipv4Address } from './ipv4-address.ts';

/** Addresses in a row, both ends included. */
export interface AddressRange {
  readonly low: Ipv4Address;
  readonly high: Ipv4Address;
}

/** Ports, or ICMP identifiers, in a row, both ends included. */
export interface PortRange {
  readonly low: number;
  readonly high: number;
}
