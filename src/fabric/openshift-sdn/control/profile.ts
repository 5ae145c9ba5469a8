// Which OpenShift the cluster runs. A profile is one record of named behaviors and of the quirks its
// version had; the tracker, the allocator and the monitors ask it instead of comparing versions.
// v4.3 is release-4.2 .. 4.4, the era whose logs people quote; head is openshift/sdn master (4.12 ..).

import { EgressLabError } from '../../../base/errors.ts';
import { hintAmong } from '../../../base/suggest.ts';
import type { Release } from '../../network.ts';
import { isQuirkName, type QuirkName, quirkNames } from './quirks.ts';

/** Which OpenShift SDN: of release 4.3, or the head of the archived repository. */
export type ProfileName = 'v4.3' | 'head';

/** How one version behaves, quirks included. */
export interface Profile {
  readonly name: ProfileName;
  /** Invalid HostSubnets are ignored as a whole; otherwise host bits of egressCIDRs are cut off in silence. */
  readonly validatesHostSubnets: boolean;
  /** A namespace uses its first usable egress IP, or all of them by a hash. */
  readonly namespaceUses: 'first-usable' | 'all-usable';
  /** The allocator leaves out namespaces that request more than one IP. */
  readonly automaticNeedsSingleIp: boolean;
  /** In which order the allocator places IPs. */
  readonly allocationOrder: 'shuffled' | 'round-robin';
  /** How nodes watch the nodes that host egress IPs. */
  readonly nodeMonitor: 'vxlan-counters' | 'ping';
  /** The controller marks a NotReady node offline without dialing it. */
  readonly controllerChecksReady: boolean;
  /** The packet mark keeps clear of kubelet's drop bit 0x8000. */
  readonly markAvoidsDropBit: boolean;
  /** A claimed address that was removed by hand is added again. */
  readonly readdsLostAddresses: boolean;
  /** br0 knows answers to connections from outside and never redirects them (`ct_state=+rpl`, 4.6). */
  readonly knowsReplies: boolean;
  /** conntrack also follows the VXLAN packets between nodes (NOTRACK since 4.6.z). */
  readonly tracksOverlay: boolean;
  /** The OpenFlow table of br0 with the egress IPs; the egress policies have the other of 100 and 101. */
  readonly egressTable: 100 | 101;
  /** The OpenFlow table that drops UDP to the overlay's port: of pods (20, since 4.8) or on the way out (100). */
  readonly overlayGuardTable: 20 | 100;
  /** The machine config server's ports are refused to SYNs alone (4.6), or to any segment. */
  readonly blocksOnlySyns: boolean;
  /** Marked traffic that stays inside the cluster network leaves with the node's address (4.8.z). */
  readonly masqueradesInternal: boolean;
  /** What stands before a tracker error in the log. */
  readonly trackerErrorPrefix: string;
  /** What stands before the reason when stale egress IPs could not be looked for. */
  readonly staleCheckErrorPrefix: string;
  /** The Kubernetes of its day. */
  readonly release: Release;
  readonly quirks: ReadonlySet<QuirkName>;
}

const SHARED_QUIRKS: readonly QuirkName[] = [
  'shadowed-retry-flag',
  'sticky-failure-count',
  'sequential-dials',
  'history-dependent-activation',
  'stale-netid-request',
  'static-ips-block-rebalancing',
  'failed-assignment-leaks',
];

/** All profiles, by name. */
export const profiles: Readonly<Record<ProfileName, Profile>> = {
  'v4.3': {
    name: 'v4.3',
    validatesHostSubnets: false,
    namespaceUses: 'first-usable',
    automaticNeedsSingleIp: true,
    allocationOrder: 'shuffled',
    nodeMonitor: 'vxlan-counters',
    controllerChecksReady: false,
    markAvoidsDropBit: false,
    readdsLostAddresses: false,
    knowsReplies: false,
    tracksOverlay: true,
    egressTable: 100,
    overlayGuardTable: 100,
    blocksOnlySyns: false,
    masqueradesInternal: false,
    trackerErrorPrefix: '',
    staleCheckErrorPrefix: 'Could not check for stale egress IPs: ',
    release: { kubeletVersion: 'v1.17.1', listStyle: 'go' },
    quirks: new Set([...SHARED_QUIRKS, 'single-ip-ignores-offline']),
  },
  head: {
    name: 'head',
    validatesHostSubnets: true,
    namespaceUses: 'all-usable',
    automaticNeedsSingleIp: false,
    allocationOrder: 'round-robin',
    nodeMonitor: 'ping',
    controllerChecksReady: true,
    markAvoidsDropBit: true,
    readdsLostAddresses: true,
    knowsReplies: true,
    tracksOverlay: false,
    egressTable: 101,
    overlayGuardTable: 20,
    blocksOnlySyns: true,
    masqueradesInternal: true,
    trackerErrorPrefix: 'Error processing egress IPs: ',
    staleCheckErrorPrefix: 'Could not clean up stale egress IP: ',
    release: { kubeletVersion: 'v1.29.8', listStyle: 'json' },
    quirks: new Set(SHARED_QUIRKS),
  },
};

/** Used when a topology names none. */
export const DEFAULT_PROFILE: ProfileName = 'v4.3';

/** All profile names. */
export const profileNames: readonly ProfileName[] = ['v4.3', 'head'];

/** A profile with some quirks switched on or off. @throws EgressLabError EGL_SDN_PROFILE, EGL_SDN_QUIRK */
export function resolveProfile(
  name: string,
  switches: ReadonlyMap<string, boolean> = new Map(),
): Profile {
  const profile = profileNames.includes(name as ProfileName) ? profiles[name as ProfileName] : null;
  if (profile === null) {
    throw unknown('EGL_SDN_PROFILE', 'OpenShift SDN profile', name, profileNames);
  }
  const chosen = new Set(profile.quirks);
  for (const [quirk, on] of switches) {
    if (!isQuirkName(quirk)) throw unknown('EGL_SDN_QUIRK', 'quirk', quirk, quirkNames);
    if (on) chosen.add(quirk);
    else chosen.delete(quirk);
  }
  return { ...profile, quirks: chosen };
}

function unknown(
  code: 'EGL_SDN_PROFILE' | 'EGL_SDN_QUIRK',
  what: string,
  name: string,
  known: readonly string[],
): EgressLabError {
  return new EgressLabError(code, `there is no ${what} "${name}"`, {
    hint: hintAmong(name, known),
  });
}
