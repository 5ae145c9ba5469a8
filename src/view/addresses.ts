// The IPv4 addresses of machines, one row each.

import type { NetworkStack } from '../stack/stack.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';

/** One address of an interface, as `ip addr` knows it. */
export interface AddressRow {
  readonly machine: string;
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** 'enp1s0', or 'enp1s0:eip' for an address that came later under a label of its own. */
  readonly label: string;
  /** Another address of the same subnet came first. */
  readonly secondary: boolean;
}

/** The addresses of a machine, by interface, primaries first. */
export function addressRows(stack: NetworkStack): AddressRow[] {
  return stack.interfaces.flatMap((iface) =>
    iface.addresses.map(({ address, label, prefixLength, secondary }) => ({
      machine: stack.name,
      interface: iface.name,
      address: formatIpv4(address),
      prefixLength,
      label,
      secondary,
    })),
  );
}
