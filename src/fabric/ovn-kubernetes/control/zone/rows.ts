// The rows of one zone for one pod, and those that every zone has (ovn/egressip.go:3156-3206, 4103;
// types/const.go:128-141).

import { canonicalIp } from '../../ip-text.ts';
import type { EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import {
  type ExternalIds,
  familyOf,
  gatewayRouter,
  type IpFamily,
  type NatRow,
  type NetworkPolicy,
  type QosRow,
  type RouterPolicy,
  SERVED_PODS,
  type StaticRoute,
} from '../../northbound.ts';
import type { Profile } from '../../profile.ts';
import { isOnPrimary, ofFamily, type ZoneNode } from '../view/zone-nodes.ts';
import { itemKey, type PodState } from './pod-state.ts';

const JOIN_NETWORKS: Readonly<Record<IpFamily, string>> = {
  ip4: '100.64.0.0/16',
  ip6: 'fd98::/64',
};
const ALLOW_PRIORITY = 102;
/** Of the policies of egress IPs. */
export const REROUTE_PRIORITY = 100;
const NETWORK_MARK_PRIORITY = 95;
/** Of pod packets that leave by a secondary network of the node. */
const SECONDARY_MARK = 1009;
/** Of pod packets to nodes, which keep the node address. */
const NODE_TRAFFIC_MARK = 1008;
/** Of replies to connections from outside. */
const REPLY_MARK = 42;

/** The zone that rows are for. */
export interface Zone {
  readonly profile: Profile;
  /** Whether a node belongs to it. */
  readonly isLocal: (node: string) => boolean;
  readonly node: (name: string) => ZoneNode | null;
}

/** What a pod needs in this zone. */
export interface PodRows {
  readonly policies: readonly RouterPolicy[];
  readonly nats: readonly NatRow[];
  readonly networkPolicies: readonly NetworkPolicy[];
}

/** A next hop and whether packets to it are marked for the node's kernel. */
interface Hop {
  readonly address: string;
  readonly isSecondary: boolean;
}

/** Where an egress IP is reached from the zone of the pod; null when the node's addresses are not known. */
export function nextHop(
  zone: Zone,
  { egressIP, node: name }: EgressIpStatusItem,
  network: string | null,
): Hop | null {
  const node = zone.node(name);
  if (node === null) return null;
  const family = familyOf(egressIP);
  const hop = (list: readonly string[], isSecondary = false): Hop | null => {
    const address = ofFamily(list, family);
    return address === null ? null : { address, isSecondary };
  };
  const isOwn = zone.isLocal(name);
  if (isOwn && network !== null) return hop(node.networkJoin(network));
  if (isOwn && isOnPrimary(node, egressIP)) return hop(node.join);
  if (isOwn) return hop(node.management, true);
  return hop(zone.profile.remoteNextHop === 'join' ? node.join : node.transit);
}

/** The rows of a pod, as its state has them. */
export function rowsOfPod(zone: Zone, state: PodState): PodRows {
  if (state.network !== null) {
    return { policies: [], nats: [], networkPolicies: networkRows(zone, state, state.network) };
  }
  return {
    policies: state.ips.flatMap((ip) => reroute(zone, state, ip)),
    nats: state.ips.flatMap((ip) => translations(zone, state, ip)),
    networkPolicies: [],
  };
}

function itemsFor(state: PodState, ip: string): readonly EgressIpStatusItem[] {
  const family = familyOf(ip);
  return [...state.items.values()].filter(({ egressIP }) => familyOf(egressIP) === family);
}

function reroute(zone: Zone, state: PodState, ip: string): readonly RouterPolicy[] {
  const isPodHere = zone.isLocal(state.node);
  const hops = itemsFor(state, ip).flatMap((item) => {
    const hop = nextHop(zone, item, null);
    // A zone that only hosts the IP has a policy of its own for secondary networks alone.
    return hop === null || (!isPodHere && !hop.isSecondary) ? [] : [hop];
  });
  const addresses = [...hops.map(({ address }) => address), ...state.staleHops];
  if (addresses.length === 0) return [];
  return [
    {
      key: `${state.serving}_${state.key}_${familyOf(ip)}_${ip}`,
      externalIds: { ...idsOf(state, ip), priority: String(REROUTE_PRIORITY) },
      priority: REROUTE_PRIORITY,
      match: { kind: 'source', source: ip },
      action: 'reroute',
      nexthops: [...new Set(addresses)],
      pktMark: hops.some(({ isSecondary }) => isSecondary) ? SECONDARY_MARK : null,
    },
  ];
}

function translations(zone: Zone, state: PodState, ip: string): readonly NatRow[] {
  return itemsFor(state, ip).flatMap((item): NatRow[] => {
    const node = zone.node(item.node);
    if (node === null || !zone.isLocal(item.node) || !isOnPrimary(node, item.egressIP)) return [];
    if (state.lostNats.has(itemKey(item))) return [];
    const externalIp = canonicalIp(item.egressIP) ?? item.egressIP;
    const router = gatewayRouter(item.node);
    return [
      {
        key: `${state.serving}_${state.key}_${router}_${externalIp}_${ip}`,
        externalIds: idsOf(state, ip),
        router,
        type: 'snat',
        externalIp,
        logicalIp: ip,
        logicalPort: `k8s-${item.node}`,
      },
    ];
  });
}

/** User-defined networks: the pod's packets get the mark of the object, br-ex translates by it. */
function networkRows(zone: Zone, state: PodState, network: string): readonly NetworkPolicy[] {
  const { mark } = state;
  if (mark === null) return [];
  return state.ips.flatMap((ip) => {
    const family = familyOf(ip);
    const items = itemsFor(state, ip);
    const base = { externalIds: { ...idsOf(state, ip), network }, pktMark: mark };
    const source = `${family}.src == ${ip}`;
    const hops = zone.isLocal(state.node)
      ? items.flatMap((item) => nextHop(zone, item, network)?.address ?? [])
      : [];
    const rows: NetworkPolicy[] = [];
    if (hops.length > 0) {
      rows.push({
        ...base,
        key: `${network}_${state.serving}_${state.key}_${ip}`,
        router: `${network}_ovn_cluster_router`,
        priority: REROUTE_PRIORITY,
        match: source,
        nexthops: hops,
      });
    }
    for (const { node } of items.filter((item) => zone.isLocal(item.node))) {
      rows.push({
        ...base,
        key: `${network}_${node}_${state.serving}_${state.key}_${ip}`,
        router: `GR_${network}_${node}`,
        priority: NETWORK_MARK_PRIORITY,
        match: `${source} && pkt.mark == 0`,
        nexthops: [],
      });
    }
    return rows;
  });
}

function idsOf(state: PodState, ip: string): ExternalIds {
  return {
    'k8s.ovn.org/name': `${state.serving}_${state.key}`,
    'ip-family': familyOf(ip),
    'k8s.ovn.org/network': state.network ?? 'default',
    'k8s.ovn.org/owner-type': 'EgressIP',
  };
}

/** Who owns a row: `<object>_<namespace>/<pod>`; null when it is not an egress IP's. */
export function ownerOf(
  ids: ExternalIds,
): { readonly object: string; readonly pod: string } | null {
  const [, object, pod] = /^(.*)_([^_]+\/[^/]+)$/.exec(ids['k8s.ovn.org/name'] ?? '') ?? [];
  return object === undefined || pod === undefined ? null : { object, pod };
}

/** What no egress IP applies to. */
export function allowPolicies(
  { profile: { quirks } }: Zone,
  clusterSubnets: readonly string[],
  families: readonly IpFamily[],
): readonly RouterPolicy[] {
  const allow = (key: string, match: RouterPolicy['match'], pktMark: number | null = null) =>
    ({
      key,
      externalIds: { priority: String(ALLOW_PRIORITY) },
      priority: ALLOW_PRIORITY,
      match,
      action: 'allow',
      nexthops: [],
      pktMark,
    }) satisfies RouterPolicy;
  const between = (source: string, destination: string): RouterPolicy =>
    allow(`allow_${source}_${destination}`, { kind: 'between', source, destination });
  const policies = clusterSubnets.flatMap((source) => [
    ...clusterSubnets
      .filter((destination) => familyOf(destination) === familyOf(source))
      .map((destination) => between(source, destination)),
    between(source, JOIN_NETWORKS[familyOf(source)]),
  ]);
  if (!quirks.has('ovnk-east-west-eip')) {
    for (const family of families) {
      const match = { kind: 'pods-to-nodes', family } as const;
      policies.push(allow(`allow_nodes_${family}`, match, NODE_TRAFFIC_MARK));
    }
  }
  if (!quirks.has('ovnk-reply-rerouted')) {
    policies.push(allow('allow_replies', { kind: 'mark', mark: REPLY_MARK }));
  }
  return policies;
}

/** Marks replies of served pods on the node switch. */
export function qosRows(
  { profile: { quirks } }: Zone,
  node: string,
  families: readonly IpFamily[],
): readonly QosRow[] {
  if (quirks.has('ovnk-reply-rerouted')) return [];
  return families.map((family) => ({
    key: `qos_${node}_${family}`,
    externalIds: { node },
    priority: 103,
    match: `${family}.src == $${SERVED_PODS} && ct.trk && ct.rpl`,
    mark: REPLY_MARK,
  }));
}

/** Tunnelled pod packets go to the node's own gateway router. */
export function sourceRoutes(
  { profile }: Zone,
  clusterSubnets: readonly string[],
  { join, name }: ZoneNode,
): readonly StaticRoute[] {
  if (profile.database === 'central') return [];
  return clusterSubnets.flatMap((prefix): StaticRoute[] => {
    const nexthop = ofFamily(join, familyOf(prefix));
    if (nexthop === null) return [];
    return [{ key: `route_${name}_${prefix}`, externalIds: { node: name }, prefix, nexthop }];
  });
}
