// How a host believes ARP and how it answers, as data: the far side of an egress IP is not always a
// Linux of today. arp/acceptance.ts is the one function that reads the believing part.

import { type Nanos, seconds } from '../../sim/time.ts';

/** How one kind of machine believes and forgets. */
export interface NeighborProfile {
  readonly name: string;
  /** `linux`: locktime and the rules of arp_process. `rfc826`: the last speaker is believed. */
  readonly merging: 'linux' | 'rfc826';
  /**
   * What an announcement (sender = target) is worth. `override`: believed inside locktime (Linux >=
   * 4.13). `accepted`: only in request form and where arp_accept is 1, else like any other frame
   * (Linux before). `ignored`: nothing.
   */
  readonly gratuitous: 'override' | 'accepted' | 'ignored';
  /** As arp_accept: 0 never, 1 always, 2 own subnets only; null: what the sysctl says. */
  readonly createsUnasked: 0 | 1 | 2 | null;
  /** Every frame about an entry restarts its locktime, believed or not: Linux before 4.13. */
  readonly restartsLock: boolean;
  /** Entries are valid this long after they were last heard of, then forgotten; null: NUD. */
  readonly lifetime: Nanos | null;
}

/** Linux 6.18, all by sysctls. */
const LINUX: NeighborProfile = {
  name: 'linux',
  merging: 'linux',
  gratuitous: 'override',
  createsUnasked: null,
  restartsLock: false,
  lifetime: null,
};

/** RFC 826 "Packet Reception": merge if known, add if the target is me. No clock at all. */
const STRICT: NeighborProfile = {
  name: 'strict',
  merging: 'rfc826',
  gratuitous: 'override',
  createsUnasked: 0,
  restartsLock: false,
  lifetime: null,
};

/** The kinds that topologies may name. */
export type NeighborProfileName =
  | 'linux'
  | 'linux-arp-accept'
  | 'linux-pre-4.13'
  | 'router-20min'
  | 'router-4h'
  | 'ignores-garp'
  | 'strict';

/** What each kind does; measured, or as its documentation says. */
export const NEIGHBOR_PROFILES: Readonly<Record<NeighborProfileName, NeighborProfile>> = {
  linux: LINUX,
  'linux-arp-accept': { ...LINUX, name: 'linux-arp-accept', createsUnasked: 1 },
  /** Before 77d71233 and 7d472a59: announcements are locked out, and traffic renews the lock. */
  'linux-pre-4.13': {
    ...LINUX,
    name: 'linux-pre-4.13',
    gratuitous: 'accepted',
    restartsLock: true,
  },
  'router-20min': { ...STRICT, name: 'router-20min', lifetime: seconds(20 * 60) },
  'router-4h': { ...STRICT, name: 'router-4h', lifetime: seconds(4 * 3600) },
  'ignores-garp': { ...LINUX, name: 'ignores-garp', gratuitous: 'ignored' },
  strict: STRICT,
};

/**
 * Who answers a request for an address of the host. `linux`: the kernel, with arp_ignore and
 * arp_filter; `ovn`: every request, a peer's announcement included, as OVN's logical router, MetalLB
 * and Antrea do; `silent`: nobody.
 */
export type ResponderStyle = 'linux' | 'ovn' | 'silent';

/** All of `ResponderStyle`. */
export const RESPONDER_STYLES: readonly ResponderStyle[] = ['linux', 'ovn', 'silent'];
