// Random histories of a small cluster for property tests, a tracker driven by them, and the topology
// file that replays a history which broke a law.

import * as fc from 'fast-check';
import { viewHostSubnet } from '../../../../src/fabric/openshift-sdn/control/host-subnet-view.ts';
import type { Profile } from '../../../../src/fabric/openshift-sdn/control/profile.ts';
import { Tracker } from '../../../../src/fabric/openshift-sdn/control/tracker.ts';
import type {
  NamespaceOutcome,
  TrackerEffect,
} from '../../../../src/fabric/openshift-sdn/control/tracker-state.ts';
import { hostSubnet } from './objects.ts';

const NODES = ['worker01', 'worker02', 'worker03'];
const NAMESPACES = ['red', 'green', 'blue'];
export const IPS: readonly string[] = [120, 121, 122, 123].map((last) => `192.168.50.${last}`);
const CIDRS = ['192.168.50.0/24', '192.168.50.120/31'];

export type HistoryEvent =
  | {
      readonly do: 'host-subnet';
      readonly node: string;
      readonly renumbered: boolean;
      readonly egressIPs: readonly string[];
      readonly egressCIDRs: readonly string[];
    }
  | { readonly do: 'delete-host-subnet'; readonly node: string; readonly renumbered: boolean }
  | { readonly do: 'net-namespace'; readonly name: string; readonly egressIPs: readonly string[] }
  | { readonly do: 'delete-net-namespace'; readonly name: string }
  | {
      readonly do: 'verdict';
      readonly node: string;
      readonly renumbered: boolean;
      readonly offline: boolean;
    };

const node = fc.constantFrom(...NODES);
const name = fc.constantFrom(...NAMESPACES);
// Renumbering is rare in life and would drown the rest.
const renumbered = fc.nat(9).map((n) => n === 0);

export const historyArbitrary: fc.Arbitrary<readonly HistoryEvent[]> = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('host-subnet' as const),
        node,
        renumbered,
        egressIPs: fc.shuffledSubarray([...IPS]),
        egressCIDRs: fc.subarray(CIDRS),
      }),
    },
    {
      weight: 5,
      arbitrary: fc.record({
        do: fc.constant('net-namespace' as const),
        name,
        egressIPs: fc.shuffledSubarray([...IPS]),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant('verdict' as const),
        node,
        renumbered,
        offline: fc.boolean(),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('delete-host-subnet' as const), node, renumbered }),
    },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('delete-net-namespace' as const), name }),
    },
  ),
  { maxLength: 40 },
);

export function vnidOf(namespace: string): number {
  return 100 + NAMESPACES.indexOf(namespace);
}

export function hostIpOf(nodeName: string, isRenumbered: boolean): string {
  return `192.168.50.${(isRenumbered ? 154 : 144) + NODES.indexOf(nodeName)}`;
}

/** What everybody outside the tracker knows: what was asked for, and what the effects so far add up to. */
export class Witness {
  readonly tracker: Tracker;
  /** node → the IPs its HostSubnet lists. */
  readonly listed: Map<string, readonly string[]> = new Map();
  /** VNID → the IPs its NetNamespace requests. */
  readonly requested: Map<number, readonly string[]> = new Map();
  /** egress IP → node IP, by claims and releases. */
  readonly claimed: Map<string, string> = new Map();
  readonly outcomes: Map<number, NamespaceOutcome> = new Map();

  constructor(profile: Profile) {
    this.tracker = new Tracker({ profile });
  }

  /** Applies one event and adds up its effects. Throws when a claim or release contradicts what was said before. */
  apply(event: HistoryEvent): readonly TrackerEffect[] {
    const effects = this.#do(event);
    for (const effect of effects) this.#add(effect);
    return effects;
  }

  #do(event: HistoryEvent): readonly TrackerEffect[] {
    const { tracker } = this;
    switch (event.do) {
      case 'host-subnet': {
        this.listed.set(event.node, event.egressIPs);
        return tracker.receiveHostSubnet(viewOf(event.node, event.renumbered, event));
      }
      case 'delete-host-subnet':
        this.listed.delete(event.node);
        return tracker.deleteHostSubnet(viewOf(event.node, event.renumbered));
      case 'net-namespace':
        this.requested.set(vnidOf(event.name), event.egressIPs);
        return tracker.updateNetNamespace(event.name, vnidOf(event.name), event.egressIPs);
      case 'delete-net-namespace':
        this.requested.delete(vnidOf(event.name));
        return tracker.deleteNetNamespace(event.name, vnidOf(event.name));
      case 'verdict':
        return tracker.setNodeOffline(hostIpOf(event.node, event.renumbered), event.offline);
    }
  }

  #add(effect: TrackerEffect): void {
    if (effect.kind === 'claim') {
      const holder = this.claimed.get(effect.egressIp);
      if (holder !== undefined) {
        throw new Error(`${effect.egressIp} claimed on ${effect.nodeIp} while ${holder} holds it`);
      }
      this.claimed.set(effect.egressIp, effect.nodeIp);
    } else if (effect.kind === 'release') {
      if (this.claimed.get(effect.egressIp) !== effect.nodeIp) {
        throw new Error(`${effect.egressIp} released on ${effect.nodeIp}, which does not hold it`);
      }
      this.claimed.delete(effect.egressIp);
    } else if (effect.kind === 'namespace') {
      const before = JSON.stringify(this.outcomes.get(effect.vnid) ?? { kind: 'normal' });
      if (before === JSON.stringify(effect.outcome))
        throw new Error(`VNID ${effect.vnid} told twice`);
      this.outcomes.set(effect.vnid, effect.outcome);
    }
  }
}

function viewOf(
  host: string,
  isRenumbered: boolean,
  lists: { readonly egressIPs?: readonly string[]; readonly egressCIDRs?: readonly string[] } = {},
) {
  const { egressIPs = [], egressCIDRs = [] } = lists;
  const hostIP = hostIpOf(host, isRenumbered);
  return viewHostSubnet(hostSubnet({ host, hostIP, egressIPs, egressCIDRs }));
}

function patchStep(what: string, body: object): string {
  return `oc: "patch ${what} --type=merge -p '${JSON.stringify(body).replaceAll('"', '\\"')}'"`;
}

function stepOf(event: HistoryEvent): string {
  switch (event.do) {
    case 'host-subnet': {
      const { egressCIDRs, egressIPs } = event;
      const hostIP = hostIpOf(event.node, event.renumbered);
      return patchStep(`hostsubnet ${event.node}`, { hostIP, egressIPs, egressCIDRs });
    }
    case 'net-namespace':
      return patchStep(`netnamespace ${event.name}`, { egressIPs: event.egressIPs });
    case 'delete-host-subnet':
      return `oc: "delete hostsubnet ${event.node}"`;
    case 'delete-net-namespace':
      return `oc: "delete netnamespace ${event.name}"`;
    case 'verdict':
      return `${event.offline ? 'fail' : 'restore'}: ${event.node}`;
  }
}

/** A topology in which the history happens, one event per second. */
export function topologyOf(history: readonly HistoryEvent[], profile: Profile): string {
  const steps = history.map((event, at) => `    - { at: ${at + 1}s, ${stepOf(event)} }`);
  const nodes = NODES.map(
    (host, at) =>
      `    ${host}: { address: ${hostIpOf(host, false)}/24, interface: enp1s0, subnet: 10.${at + 1}.0.0/23 }`,
  );
  const namespaces = NAMESPACES.map(
    (namespace) => `    ${namespace}: { netid: ${vnidOf(namespace)} }`,
  );
  return [
    'name: failing-history',
    'segments: { lan: { subnet: 192.168.50.0/24 } }',
    'cluster:',
    `  sdn: { kind: openshift-sdn, profile: ${profile.name} }`,
    '  segment: lan',
    '  nodes:',
    '    master01: { role: master, address: 192.168.50.141/24, interface: enp1s0, subnet: 10.10.0.0/23 }',
    ...nodes,
    '  namespaces:',
    ...namespaces,
    'scenario:',
    `  duration: ${history.length + 60}s`,
    '  steps:',
    ...steps,
  ].join('\n');
}
