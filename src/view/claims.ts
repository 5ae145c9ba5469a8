// Who answers for which address: the claims of kernels and of logical routers, address by address.

import type { Lab } from '../lab/lab.ts';
import type { ClaimKind } from '../stack/claims.ts';
import { formatIpv4 } from '../wire/ipv4-address.ts';

/** One reason for which somebody answers for an address. Two holders of one address are a conflict. */
export interface ClaimRow {
  readonly address: string;
  /** 'worker02', 'GR_worker02'. */
  readonly holder: string;
  /** Where the holder runs: 'worker02'. */
  readonly machine: string;
  /** Where it answers. */
  readonly interface: string;
  /** The address is its own, is published for another, or is answered for like all that it routes. */
  readonly kind: ClaimKind;
}

/** The claims to every address that somebody claims or an egress IP's object names, in the order of machines. */
export function claimRows(lab: Lab): ClaimRow[] {
  const egress = lab.cluster?.egressAddresses() ?? [];
  return [...new Set([...lab.claims.addresses(), ...egress])].flatMap((address) =>
    lab.claims.claims(address).map(({ holder, machine, interface: name, kind }) => ({
      address: formatIpv4(address),
      holder,
      machine,
      interface: name,
      kind,
    })),
  );
}
