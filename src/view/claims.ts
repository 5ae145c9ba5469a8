// Who answers for an address: whose MAC its neighbors will learn when they ask.

import type { NetworkStack } from '../stack/stack.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';
import { formatMac } from '../wire/mac-address.ts';

/** One machine that answers ARP requests for an address on one of its interfaces. */
export interface ClaimRow {
  readonly address: string;
  readonly machine: string;
  readonly interface: string;
  readonly mac: string;
}

/** The addresses that a machine with power has on interfaces that are up; loopback's are nobody's claim. */
export function claimRows(stack: NetworkStack): ClaimRow[] {
  return stack.interfaces
    .filter((iface) => iface !== stack.loopback && !iface.noArp && iface.operational)
    .flatMap((iface) =>
      iface.addresses.map(({ address }) => ({
        address: formatIpv4(address),
        machine: stack.name,
        interface: iface.name,
        mac: formatMac(iface.mac),
      })),
    );
}
