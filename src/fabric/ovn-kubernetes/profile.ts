// The version matrix of OVN-Kubernetes as one record per section: which release does what. Differences
// that upstream calls bugs are quirks.ts.

import type { Release } from '../network.ts';
import type { ProfileName } from './profile-name.ts';
import { type QuirkName, quirkNames, quirks } from './quirks.ts';

/** What differs from release to release by design. */
export interface Profile {
  readonly name: ProfileName;
  /** Where the allocator runs. */
  readonly allocator: 'ovnkube-master' | 'ovnkube-cluster-manager';
  /** One northbound database for all, or one zone per node. */
  readonly database: 'central' | 'per-node';
  /** How nodes are probed. */
  readonly health: 'dial' | 'grpc';
  /** Next hop of an egress node that is not the pod's own. */
  readonly remoteNextHop: 'join' | 'transit';
  /** A second object that selects a pod waits for its turn. */
  readonly standbyObjects: boolean;
  /** How egress IPs of secondary host networks are translated; null when they are not supported. */
  readonly secondaryNetworks: 'iptables' | 'nftables' | null;
  /** Egress IPs of the primary network are also addresses of br-ex, announced by a request and a reply. */
  readonly bridgeAddresses: boolean;
  /** Seconds after ovn-controller hears of an address at which it announces it. */
  readonly announcements: readonly number[];
  readonly release: Release;
  /** Bugs that are on. */
  readonly quirks: ReadonlySet<QuirkName>;
}

/** OVN 25.03 and later. */
const DOUBLING = [1, 2, 4, 8, 16];
/** OVN 23.03 and before: each wait is twice the one before. */
const DOUBLING_GAPS = [1, 3, 7, 15, 31];

type Era = Omit<Profile, 'name' | 'quirks'>;

const ERAS: Readonly<Record<ProfileName, Era>> = {
  '4.10': {
    allocator: 'ovnkube-master',
    database: 'central',
    health: 'dial',
    remoteNextHop: 'join',
    standbyObjects: false,
    secondaryNetworks: null,
    bridgeAddresses: false,
    announcements: DOUBLING_GAPS,
    release: { kubeletVersion: 'v1.23.5+012e945', listStyle: 'json' },
  },
  '4.14': {
    allocator: 'ovnkube-cluster-manager',
    database: 'per-node',
    health: 'grpc',
    remoteNextHop: 'transit',
    standbyObjects: true,
    secondaryNetworks: 'iptables',
    bridgeAddresses: false,
    announcements: DOUBLING_GAPS,
    release: { kubeletVersion: 'v1.27.6+f67aeb3', listStyle: 'json' },
  },
  '4.18': {
    allocator: 'ovnkube-cluster-manager',
    database: 'per-node',
    health: 'grpc',
    remoteNextHop: 'transit',
    standbyObjects: true,
    secondaryNetworks: 'iptables',
    bridgeAddresses: true,
    announcements: DOUBLING,
    release: { kubeletVersion: 'v1.31.6', listStyle: 'json' },
  },
  head: {
    allocator: 'ovnkube-cluster-manager',
    database: 'per-node',
    health: 'grpc',
    remoteNextHop: 'transit',
    standbyObjects: true,
    secondaryNetworks: 'nftables',
    bridgeAddresses: true,
    announcements: DOUBLING,
    release: { kubeletVersion: 'v1.34.2', listStyle: 'json' },
  },
};

/** A profile with the quirks of its era, some of them switched by name. */
export function resolveProfile(
  name: ProfileName,
  switches: ReadonlyMap<string, boolean> = new Map(),
): Profile {
  const on = new Set<QuirkName>();
  for (const quirk of quirkNames) {
    if (switches.get(quirk) ?? quirks[quirk].profiles.includes(name)) on.add(quirk);
  }
  return { name, ...ERAS[name], quirks: on };
}
