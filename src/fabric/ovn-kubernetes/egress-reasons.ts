// Why a pod leaves as an address by a node: selectors, object, status, policy, next hop, SNAT row. Read from
// the API and from the databases as they are, so that a row that should not be there shows as well.

import { present } from '../../base/assert.ts';
import { Namespaces } from '../../kube/kinds/namespace.ts';
import { Pods } from '../../kube/kinds/pod.ts';
import type { ObjectStore } from '../../kube/server/store.ts';
import { formatIpv4 } from '../../wire/ipv4-address.ts';
import type { EgressReasons, Reason } from '../reason.ts';
import { NAME_LABEL } from './control/names.ts';
import { selects } from './control/view/selectors.ts';
import { REROUTE_PRIORITY } from './control/zone/rows.ts';
import type { OvnNode } from './datapath/node.ts';
import { ownerOf } from './datapath/notes.ts';
import type { OvnPod } from './datapath/pod.ts';
import type { HostEgressState } from './host-network.ts';
import { type EgressIp, EgressIps, type LabelSelector } from './kinds/egress-ip.ts';
import { matchText, type NorthboundDatabase, type RouterPolicy } from './northbound.ts';

/** Where the reasons are read. */
export interface ReasonSources {
  readonly store: ObjectStore;
  readonly nodes: ReadonlyMap<string, OvnNode>;
  database(node: string): NorthboundDatabase;
  hostState(node: string): HostEgressState;
}

/** The chain of one pod. */
export function egressReasons(sources: ReasonSources, pod: OvnPod): EgressReasons {
  const ip = formatIpv4(pod.address.address);
  const reasons: Reason[] = [];
  const chosen = selectingObjects(sources.store, pod, reasons);
  for (const object of chosen) reasons.push(statusReason(object));
  const { name: home } = pod.node;
  const policies = sources
    .database(home)
    .policies.filter(
      ({ match, priority }) =>
        priority === REROUTE_PRIORITY && match.kind === 'source' && match.source === ip,
    );
  const isAssigned = chosen.some(({ status }) => (status?.items.length ?? 0) > 0);
  if (policies.length === 0) {
    const text = `none of priority ${REROUTE_PRIORITY} for ${ip} in the database of ${home}`;
    reasons.push({ what: 'policy', text, holds: !isAssigned });
    reasons.push(...snatReasons(sources, home, ip));
    return { verdict: verdictOf(sources, home, ip), reasons };
  }
  const ways = policies.flatMap((policy) => wayOf(sources, policy, ip, reasons));
  return { verdict: ways.join(', or '), reasons };
}

/** The objects that select the pod, the serving one first; one reason for each. */
function selectingObjects(store: ObjectStore, pod: OvnPod, reasons: Reason[]): readonly EgressIp[] {
  const labels = store.get(Pods, pod.name, pod.namespace)?.metadata.labels ?? {};
  const namespace = store.get(Namespaces, pod.namespace);
  const ofNamespace = { ...namespace?.metadata.labels, [NAME_LABEL]: pod.namespace };
  const all = store.list(EgressIps).items;
  const chosen = all.filter(
    ({ spec }) =>
      selects(spec.namespaceSelector, ofNamespace) && selects(spec.podSelector ?? {}, labels),
  );
  for (const { metadata, spec } of chosen) {
    const { namespaceSelector, podSelector = {} } = spec;
    const text = `EgressIP ${metadata.name}: namespaceSelector ${selectorText(namespaceSelector)} matches ${pod.namespace}, podSelector ${selectorText(podSelector)} matches ${pod.name}`;
    reasons.push({ what: 'selector', text, holds: true });
    const ips = `EgressIP ${metadata.name} asks for ${spec.egressIPs.join(', ')}`;
    reasons.push({ what: 'object', text: ips, holds: true });
  }
  if (chosen.length === 0) {
    const text = `none of ${all.length} EgressIPs selects ${pod.namespace}/${pod.name}`;
    reasons.push({ what: 'selector', text, holds: all.length === 0 });
  }
  return chosen;
}

function statusReason({ metadata, spec, status }: EgressIp): Reason {
  const items = status?.items ?? [];
  const where = items.map(({ egressIP, node }) => `${egressIP} on ${node}`);
  const missing = spec.egressIPs.length - items.length;
  const rest = missing > 0 && items.length > 0 ? `, ${missing} without a node` : '';
  const text =
    items.length === 0
      ? `no node has an IP of ${metadata.name}; kubectl get events says why`
      : `${where.join(', ')}${rest}`;
  return { what: 'status', text, holds: items.length > 0 };
}

/** Where a policy leads: next hops, and what translates there. */
function wayOf(
  sources: ReasonSources,
  policy: RouterPolicy,
  ip: string,
  reasons: Reason[],
): readonly string[] {
  const { externalIds, match, nexthops, pktMark, priority } = policy;
  const mark = pktMark === null ? '' : ` with pkt_mark=${pktMark}`;
  const text = `${priority} ${matchText(match)} reroute ${nexthops.join(', ')}${mark} (${ownerOf(externalIds)})`;
  reasons.push({ what: 'policy', text, holds: true });
  return nexthops.map((hop) => {
    const found = hopOf(sources, hop);
    if (found === null) {
      reasons.push({ what: 'next hop', text: `${hop} is no node's`, holds: false });
      return `is lost at next hop ${hop}`;
    }
    reasons.push({ what: 'next hop', text: `${hop} is ${found.what}`, holds: true });
    reasons.push(...snatReasons(sources, found.node, ip));
    return verdictOf(sources, found.node, ip);
  });
}

function hopOf(
  { nodes }: ReasonSources,
  hop: string,
): { readonly node: string; readonly what: string } | null {
  for (const [node, { member }] of nodes) {
    if (formatIpv4(member.join) === hop) return { node, what: `the gateway router GR_${node}` };
    if (formatIpv4(member.transit) === hop) {
      return { node, what: `the cluster router of ${node}, over the transit switch` };
    }
    if (formatIpv4(member.management) === hop) {
      return { node, what: `the kernel of ${node}, by ovn-k8s-mp0` };
    }
  }
  return null;
}

function translationOf(
  sources: ReasonSources,
  node: string,
  ip: string,
): { readonly what: string; readonly text: string; readonly address: string } | null {
  const secondary = sources.hostState(node).snats.find(({ podIp }) => podIp === ip);
  if (secondary !== undefined) {
    const { egressIp, link } = secondary;
    const text = `${node}: ${ip} leaves ${link} as ${egressIp} (map egress-ip-snat-v4)`;
    return { what: 'SNAT element', text, address: egressIp };
  }
  const rows = sources.database(node).nats.filter(({ router }) => router === `GR_${node}`);
  const row = rows.find(({ logicalIp }) => logicalIp === ip);
  if (row === undefined) return null;
  const owner = ownerOf(row.externalIds);
  const of = owner === '' ? 'the node address' : owner;
  const text = `GR_${node}: snat ${row.externalIp} ${row.logicalIp} (${of})`;
  return { what: 'SNAT row', text, address: row.externalIp };
}

function snatReasons(sources: ReasonSources, node: string, ip: string): readonly Reason[] {
  const found = translationOf(sources, node, ip);
  if (found === null) {
    const text = `GR_${node} has no row for ${ip}: br-ex drops what is not translated`;
    return [{ what: 'SNAT row', text, holds: false }];
  }
  return [{ what: found.what, text: found.text, holds: true }];
}

function verdictOf(sources: ReasonSources, node: string, ip: string): string {
  const found = translationOf(sources, node, ip);
  const { stack } = present(sources.nodes.get(node), 'a next hop is of a node');
  if (!stack.powered) return `is lost: ${node} has no power`;
  if (found === null) return `is dropped on ${node}`;
  return `leaves as ${found.address} by ${node}`;
}

/** 'env=prod, tier in (a, b)'; 'of everything' for an empty one. */
function selectorText({ matchExpressions = [], matchLabels = {} }: LabelSelector): string {
  const wanted = Object.entries(matchLabels).map(([key, value]) => `${key}=${value}`);
  for (const { key, operator, values = [] } of matchExpressions) {
    const list = values.length === 0 ? '' : ` (${values.join(', ')})`;
    wanted.push(`${key} ${operator}${list}`);
  }
  return wanted.length === 0 ? 'of everything' : wanted.join(', ');
}
