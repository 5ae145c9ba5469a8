// How a neighbor is asked, how often and how many times (arp_solicit, neigh_max_probes).

import { millis, type Nanos } from '../../sim/time.ts';
import type { NeighborConf } from '../sysctl/values.ts';
import { NeighborState } from './state.ts';

/** How to ask. `application` is app_solicit: a daemon would be asked; there is none here. */
export type Solicitation = 'unicast' | 'application' | 'broadcast';

/** max(retrans_time, HZ/100). */
export const MINIMUM_RETRANSMISSION: Nanos = millis(10);

/** How the probe with this number, from 0, asks: first the unicasts, then the daemon's, then broadcasts. */
export function solicitation(neigh: NeighborConf, probe: number): Solicitation {
  const { ucast_solicit, app_solicit } = neigh;
  if (probe < ucast_solicit) return 'unicast';
  return probe < ucast_solicit + app_solicit ? 'application' : 'broadcast';
}

/** How many probes one round has. */
export function maximumProbes(neigh: NeighborConf, state: NeighborState): number {
  const { ucast_solicit, app_solicit, mcast_solicit, mcast_resolicit } = neigh;
  const broadcasts = state === NeighborState.Probe ? mcast_resolicit : mcast_solicit;
  return ucast_solicit + app_solicit + broadcasts;
}

/** Between two probes. */
export function retransmission(neigh: NeighborConf): Nanos {
  return Math.max(millis(neigh.retrans_time_ms), MINIMUM_RETRANSMISSION);
}
