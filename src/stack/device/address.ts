// One address of an interface, as `ip addr` shows it.

import type { Ipv4Address, Ipv4Cidr } from '../../wire/ipv4-address.ts';

/** RT_SCOPE_*: how far an address is valid. */
export const Scope = { Universe: 0, Link: 253, Host: 254 } as const;
export type Scope = (typeof Scope)[keyof typeof Scope];

/** `address` and `prefixLength` are those of the Cidr: host bits included. */
export interface InterfaceAddress extends Ipv4Cidr {
  readonly label: string;
  readonly scope: Scope;
  readonly broadcast: Ipv4Address | null;
  /** IFA_F_SECONDARY: another address of the same subnet came first. */
  readonly secondary: boolean;
}
