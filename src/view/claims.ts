// Who answers for which address: the claims of kernels and of logical routers, address by address.

import type { Lab } from '../lab/lab.ts';
import type { ClaimKind } from '../stack/claims.ts';
import { formatIpv4, type Ipv4Address, isLoopback } from '../wire/ipv4-address.ts';

/** One reason for which somebody answers for an address. Two holders of one address are a conflict. */
export interface ClaimRow {
  readonly address: string;
  /** 'worker02', 'GR_worker02'. */
  readonly holder: string;
  /** Where it answers. */
  readonly interface: string;
  /** The address is its own, is published for another, or is answered for like all that it routes. */
  readonly kind: ClaimKind;
}

/** The claims to every address that an interface or an egress IP's object names, in the order of machines. */
export function claimRows(lab: Lab): ClaimRow[] {
  return [...addressesOf(lab)].flatMap((address) =>
    lab.claims.claims(address).map(({ holder, interface: name, kind }) => ({
      address: formatIpv4(address),
      holder,
      interface: name,
      kind,
    })),
  );
}

function addressesOf(lab: Lab): Set<Ipv4Address> {
  const found = new Set<Ipv4Address>();
  for (const { interfaces } of lab.stacks()) {
    for (const { addresses } of interfaces) {
      for (const { address } of addresses) if (!isLoopback(address)) found.add(address);
    }
  }
  for (const address of lab.cluster?.egressAddresses() ?? []) found.add(address);
  return found;
}
