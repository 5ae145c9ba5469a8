// What the annotations of a Node say, for whoever decides about egress IPs (util/node_annotations.go).

import type { JsonValue } from '../../../kube/json.ts';
import { isJsonArray, isJsonObject } from '../../../kube/json.ts';
import { conditionStatus } from '../../../kube/kinds/conditions.ts';
import type { Node } from '../../../kube/kinds/node.ts';
import { canonicalIp, type IpNetwork, parseIpNetwork } from '../ip-text.ts';

/** Its presence makes a node a candidate, whatever its value. */
export const ASSIGNABLE_LABEL = 'k8s.ovn.org/egress-assignable';
/** The node's own addresses, one per family. */
export const PRIMARY_ANNOTATION = 'k8s.ovn.org/node-primary-ifaddr';
/** Every global address of the host. */
export const HOST_CIDRS_ANNOTATION = 'k8s.ovn.org/host-cidrs';
/** What the node gives its pods. */
export const SUBNETS_ANNOTATION = 'k8s.ovn.org/node-subnets';
/** Where its gateway router is on the join switch. */
export const JOIN_ANNOTATION = 'k8s.ovn.org/node-gateway-router-lrp-ifaddrs';
/** Where its cluster router is on the transit switch. */
export const TRANSIT_ANNOTATION = 'k8s.ovn.org/node-transit-switch-port-ifaddr';
/** Its number, from which addresses are derived. */
export const NODE_ID_ANNOTATION = 'k8s.ovn.org/node-id';
/** Its zone, which is called like the node. */
export const ZONE_ANNOTATION = 'k8s.ovn.org/zone-name';
/** Its chassis in the southbound database. */
export const CHASSIS_ANNOTATION = 'k8s.ovn.org/node-chassis-id';
/** Egress IPs that the node has put on links. */
export const SECONDARY_ANNOTATION = 'k8s.ovn.org/secondary-host-egress-ips';
/** Egress IPs that the node has put on br-ex. */
export const BRIDGE_ANNOTATION = 'k8s.ovn.org/bridge-egress-ips';
/** What a cloud says of the node. */
export const CLOUD_ANNOTATION = 'cloud.network.openshift.io/egress-ipconfig';
/** The packet mark of an EgressIP. */
export const MARK_ANNOTATION = 'k8s.ovn.org/egressip-mark';
/** Windows nodes: ignored everywhere. */
const HYBRID_ANNOTATION = 'k8s.ovn.org/hybrid-overlay-node-subnet';

/** True when administrators let the node host egress IPs. */
export function isAssignable(node: Node): boolean {
  return Object.hasOwn(node.metadata.labels ?? {}, ASSIGNABLE_LABEL);
}

/** A missing Ready condition counts as not ready. */
export function isReady(node: Node): boolean {
  return conditionStatus(node.status.conditions, 'Ready') === 'True';
}

/** True for a Windows node. */
export function isHybridOverlay(node: Node): boolean {
  return Object.hasOwn(node.metadata.annotations ?? {}, HYBRID_ANNOTATION);
}

/** The text of an annotation; null when the node has none. */
export function annotation(node: Node, name: string): string | null {
  return node.metadata.annotations?.[name] ?? null;
}

/** The node's own addresses, one per family at most; null when the annotation is missing or malformed. */
export function primaryNetworks(node: Node): readonly IpNetwork[] | null {
  return networksOfPair(parsed(node, PRIMARY_ANNOTATION));
}

/** Every global address of the host, with its prefix; null when missing or malformed. */
export function hostCidrs(node: Node): readonly IpNetwork[] | null {
  const list = parsed(node, HOST_CIDRS_ANNOTATION);
  return isJsonArray(list) ? networksOf(list) : null;
}

/** The subnets that the node gives its pods; null when missing or malformed. */
export function nodeSubnets(node: Node): readonly IpNetwork[] | null {
  const all = parsed(node, SUBNETS_ANNOTATION);
  const subnets = isJsonObject(all) ? all.default : undefined;
  if (typeof subnets === 'string') return networksOf([subnets]);
  return isJsonArray(subnets) ? networksOf(subnets) : null;
}

/** Addresses of an annotation such as `{"ipv4":"100.88.0.2/16"}`, without their prefix lengths. */
export function pairAddresses(node: Node, name: string): readonly string[] {
  const all = parsed(node, name);
  const pair = isJsonObject(all) && isJsonObject(all.default) ? all.default : all;
  if (!isJsonObject(pair)) return [];
  return [pair.ipv4, pair.ipv6].flatMap((text) => {
    const address = typeof text === 'string' ? canonicalIp(text.replace(/\/\d+$/, '')) : null;
    return address === null ? [] : [address];
  });
}

/** A JSON list of addresses; empty when missing or malformed. */
export function addressList(node: Node, name: string): readonly string[] {
  const list = parsed(node, name);
  return isJsonArray(list) ? list.filter((item) => typeof item === 'string') : [];
}

/** How many egress IPs a cloud lets a node have; null is no limit. */
export interface Capacity {
  readonly ip: number | null;
  readonly ipv4: number | null;
  readonly ipv6: number | null;
}

/** No limit at all: bare metal. */
export const UNLIMITED: Capacity = { ip: null, ipv4: null, ipv6: null };

/** What a cloud says of a node. */
export interface CloudConfig {
  readonly networks: readonly IpNetwork[];
  readonly capacity: Capacity;
}

/** Null when the annotation is missing or malformed. */
export function cloudConfig(node: Node): CloudConfig | null {
  const list = parsed(node, CLOUD_ANNOTATION);
  const first = isJsonArray(list) ? list[0] : undefined;
  if (!isJsonObject(first)) return null;
  const networks = networksOfPair(first.ifaddr);
  if (networks === null) return null;
  const limits = isJsonObject(first.capacity) ? first.capacity : {};
  const limit = (value: JsonValue | undefined): number | null =>
    typeof value === 'number' ? value : null;
  return {
    networks,
    capacity: { ip: limit(limits.ip), ipv4: limit(limits.ipv4), ipv6: limit(limits.ipv6) },
  };
}

function networksOfPair(pair: JsonValue | undefined): readonly IpNetwork[] | null {
  if (!isJsonObject(pair)) return null;
  return networksOf([pair.ipv4, pair.ipv6].filter((text) => text !== undefined && text !== ''));
}

function networksOf(list: readonly (JsonValue | undefined)[]): readonly IpNetwork[] | null {
  const networks: IpNetwork[] = [];
  for (const text of list) {
    const network = typeof text === 'string' ? parseIpNetwork(text) : null;
    if (network === null) return null;
    networks.push(network);
  }
  return networks;
}

function parsed(node: Node, name: string): JsonValue | undefined {
  const text = annotation(node, name);
  if (text === null) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
