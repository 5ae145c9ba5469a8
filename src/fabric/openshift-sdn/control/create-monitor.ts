// How an sdn pod watches other nodes: by pings of its own, or by the traffic that it sees of them.

import type { Scheduler } from '../../../sim/scheduler.ts';
import { parseIpv4 } from '../../../wire/ipv4-address.ts';
import type { EgressNode, TunnelCounters } from './egress-node.ts';
import type { Klog } from './klog.ts';
import type { NodeMonitor, VerdictListener } from './node-monitor.ts';
import { PingMonitor } from './ping-monitor.ts';
import type { Profile } from './profile.ts';
import { VxlanMonitor } from './vxlan-monitor.ts';

/** Who watches, and who is told. */
export interface MonitorOptions {
  readonly scheduler: Scheduler;
  readonly node: EgressNode;
  readonly profile: Profile;
  readonly klog: Klog;
  readonly onVerdict: VerdictListener;
}

/** As the profile says. */
export function createMonitor(options: MonitorOptions): NodeMonitor {
  const { node, profile, ...rest } = options;
  if (profile.nodeMonitor === 'ping') return new PingMonitor({ ...rest, dialer: node, profile });
  const counters = (nodeIp: string): TunnelCounters => countersOf(node, nodeIp);
  return new VxlanMonitor({ ...rest, dialer: node, counters });
}

/** Nothing comes from and goes to a node whose HostSubnet names no address. */
function countersOf(node: EgressNode, nodeIp: string): TunnelCounters {
  const hostIp = parseIpv4(nodeIp);
  return hostIp === null ? { received: 0, sent: 0 } : node.tunnelCounters(hostIp);
}
