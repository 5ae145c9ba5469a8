// Every scenario, in the order of the fixtures. A test makes sure that none is forgotten.

import type { Scenario } from '../scenario.ts';
import { scenario as arpResolution } from './01a-arp-resolution.ts';
import { scenario as arpFailed } from './01b-arp-failed.ts';
import { scenario as reachabilityTimers } from './01c-reachability-timers.ts';
import { scenario as neighborCollection } from './01e-neigh-gc.ts';
import { scenario as gratuitousArp } from './02-gratuitous-arp.ts';
import { scenario as duplicateIp } from './03a-duplicate-ip.ts';
import { scenario as duplicateIpTcp } from './03b-duplicate-ip-tcp.ts';
import { scenario as duplicateAddressDetection } from './04-dad.ts';
import { scenario as silentFailover } from './05a-failover-silent.ts';
import { scenario as announcedFailover } from './05c-failover-garp.ts';
import { scenario as snatBasic } from './06a-snat-basic.ts';
import { scenario as snatPorts } from './06b-snat-ports.ts';
import { scenario as snatIcmpErrors } from './06c-snat-icmp-errors.ts';
import { scenario as snatMisc } from './06d-snat-misc.ts';
import { scenario as snatFailover } from './06e-snat-failover.ts';
import { scenario as arpSysctls } from './07-arp-sysctls.ts';
import { scenario as bridgeFdb } from './08-bridge-fdb.ts';
import { scenario as ipForwarding } from './09-ip-forwarding.ts';
import { scenario as rpFilter } from './25a-rp-filter.ts';
import { scenario as twoNics } from './25b-two-nics.ts';
import { scenario as neighborProbing } from './e01-neighbor-probing.ts';
import { scenario as failoverForwarding } from './e02-failover-forwarding.ts';
import { scenario as addresses } from './e03-addresses.ts';
import { scenario as icmp } from './e04-icmp.ts';
import { scenario as conntrack } from './e05-conntrack.ts';
import { scenario as staleEntries } from './e06-stale-entries.ts';

export const SCENARIOS: readonly Scenario[] = [
  arpResolution,
  arpFailed,
  reachabilityTimers,
  neighborCollection,
  gratuitousArp,
  duplicateIp,
  duplicateIpTcp,
  duplicateAddressDetection,
  silentFailover,
  announcedFailover,
  snatBasic,
  snatPorts,
  snatIcmpErrors,
  snatMisc,
  snatFailover,
  arpSysctls,
  bridgeFdb,
  ipForwarding,
  rpFilter,
  twoNics,
  neighborProbing,
  failoverForwarding,
  addresses,
  icmp,
  conntrack,
  staleEntries,
];
