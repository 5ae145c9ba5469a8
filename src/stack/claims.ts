// Who answers for an address: not whose kernel has it, but who would speak up when somebody asks by ARP.
// Kernels claim what stands on their interfaces and what they publish for others; a logical router
// claims its NAT addresses, though no kernel knows them. Asked for by people, never for a packet; nothing
// is kept, so nothing can be stale. What changed over time stands in the event log: `address-added` and
// `claim-added` (events.ts), which the analysis reads.

import { type Ipv4Address, isLoopback } from '../wire/ipv4-address.ts';
import type { NetworkStack } from './stack.ts';

/**
 * Why somebody answers: the address is its own (`address`), it was told to answer for this very address
 * in another's place (`published`), or it answers for whatever it routes elsewhere (`proxy`).
 */
export type ClaimKind = 'address' | 'published' | 'proxy';

/** One reason for which somebody answers for an address. */
export interface Claim {
  /** As people name it: 'worker02', 'GR_worker02'. */
  readonly holder: string;
  /** Where it runs, and with whose power it dies: 'worker02'. */
  readonly machine: string;
  /** Where it answers: 'enp1s0'. */
  readonly interface: string;
  readonly kind: ClaimKind;
}

/**
 * Someone who answers for addresses. Whoever is not a kernel also logs each change, as `claim-added` and
 * `claim-removed`; a power failure needs no word.
 */
export interface Claimant {
  /** Every address that it may claim by name, with or without power, each once. */
  addresses(): readonly Ipv4Address[];
  /** Its claims to an address now; empty without power. */
  claims(address: Ipv4Address): readonly Claim[];
}

/** Everybody in a lab who answers for addresses. */
export class Claims implements Claimant {
  readonly #claimants: readonly Claimant[];

  constructor(claimants: readonly Claimant[]) {
    this.#claimants = claimants;
  }

  /** In the order of the claimants, each once. */
  addresses(): readonly Ipv4Address[] {
    return [...new Set(this.#claimants.flatMap((claimant) => claimant.addresses()))];
  }

  /** In the order of the claimants. */
  claims(address: Ipv4Address): readonly Claim[] {
    return this.#claimants.flatMap((claimant) => claimant.claims(address));
  }

  /**
   * Whose address it is: the machines that claim it by name, each once, whether their kernels do or
   * routers on them. A proxy for whole networks holds nothing.
   */
  holders(address: Ipv4Address): string[] {
    const named = this.claims(address).filter(({ kind }) => kind !== 'proxy');
    return [...new Set(named.map(({ machine }) => machine))];
  }
}

/** What the kernel of a host, node or pod answers for. */
export function kernelClaims(stack: NetworkStack): Claimant {
  return {
    addresses: () => addressesOf(stack),
    claims: (address) => (stack.powered ? claimsOf(stack, address) : []),
  };
}

/** What stands on its interfaces and what it publishes; 127/8 is everybody's. */
function addressesOf({ arp, interfaces }: NetworkStack): Ipv4Address[] {
  const own = interfaces.flatMap(({ addresses }) => addresses.map(({ address }) => address));
  const published = interfaces.flatMap((iface) => arp.proxy.published(iface));
  return [...new Set([...own, ...published])].filter((address) => !isLoopback(address));
}

/** As arp/policy.ts judges a request for the address that comes in on each interface. */
function claimsOf(stack: NetworkStack, address: Ipv4Address): Claim[] {
  const { addresses, arp, fib, interfaces, loopback, name: machine } = stack;
  const holder = machine;
  if (addresses.isLocal(address)) {
    const own = addresses.holders(address);
    const places = own.length === 0 ? [loopback] : own;
    return places.map(({ name }) => ({ holder, machine, interface: name, kind: 'address' }));
  }
  const egress = fib.lookup(address)?.iface ?? null;
  return interfaces.flatMap((iface): Claim[] => {
    if (iface.conf.forwarding === 0 || egress === null || egress === iface) return [];
    const published = arp.proxy.isPublished(iface, address);
    if (!published && iface.conf.proxy_arp === 0) return [];
    return [{ holder, machine, interface: iface.name, kind: published ? 'published' : 'proxy' }];
  });
}
