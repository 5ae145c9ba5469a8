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
import { scenario as arpSysctls } from './07-arp-sysctls.ts';
import { scenario as bridgeFdb } from './08-bridge-fdb.ts';

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
  arpSysctls,
  bridgeFdb,
];
