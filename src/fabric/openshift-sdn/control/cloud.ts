// Egress IPs on a cloud platform (AWS, Azure, GCP, OpenStack): a Node's annotation says how many the
// node can take and from which network. Bare metal has no such annotation and no such limit.

import { isJsonArray, isJsonObject, type JsonValue } from '../../../kube/json.ts';
import { parseJson } from '../../../kube/json-syntax.ts';
import {
  cidrContains,
  formatCidr,
  type Ipv4Cidr,
  parseCidr,
  parseIpv4,
} from '../../../wire/ipv4-address.ts';
import type { NodePlan } from '../../plan.ts';
import type { HostSubnetView } from './host-subnet-view.ts';
import { UNLIMITED_CAPACITY } from './tracker-state.ts';
import { withoutHostBits } from './validation.ts';

/** The annotation; its value is a JSON array with one object. */
export const EGRESS_IPCONFIG_ANNOTATION = 'cloud.network.openshift.io/egress-ipconfig';

/** What the platform says about one node. */
export interface CloudNode {
  readonly network: Ipv4Cidr;
  readonly capacity: number;
}

/** Reads the annotation's value; null when it says nothing usable about IPv4. */
export function parseEgressIpConfig(text: string): CloudNode | null {
  const parsed = parseJson(text);
  const config = parsed.ok && isJsonArray(parsed.value) ? parsed.value[0] : undefined;
  if (!isJsonObject(config)) return null;
  const { ifaddr, capacity } = config;
  const address = isJsonObject(ifaddr) ? ifaddr.ipv4 : undefined;
  const network = typeof address === 'string' ? parseCidr(address) : null;
  if (network === null) return null;
  return { network: withoutHostBits(network), capacity: capacityOf(capacity) };
}

/**
 * What the platform says about each node, read once as cloud-network-config-controller wrote it; null
 * when no node has the annotation, which is bare metal.
 */
export function cloudNodes(nodes: readonly NodePlan[]): ReadonlyMap<string, CloudNode> | null {
  const found = nodes.flatMap(({ name, annotations }): [string, CloudNode][] => {
    const text = annotations[EGRESS_IPCONFIG_ANNOTATION];
    const node = text === undefined ? null : parseEgressIpConfig(text);
    return node === null ? [] : [[name, node]];
  });
  return found.length === 0 ? null : new Map(found);
}

function capacityOf(capacity: JsonValue | undefined): number {
  if (!isJsonObject(capacity)) return UNLIMITED_CAPACITY;
  const limit = capacity.ipv4 ?? capacity.ip;
  return typeof limit === 'number' ? limit : UNLIMITED_CAPACITY;
}

/** Why a HostSubnet does not fit its cloud node, or null. Ranges first; lists count only without ranges. */
export function cloudError(view: HostSubnetView, node: CloudNode): string | null {
  const network = formatCidr(node.network);
  for (const cidr of view.cidrs) {
    if (
      cidr.prefixLength < node.network.prefixLength ||
      !cidrContains(node.network, cidr.address)
    ) {
      return `EgressCIDR: ${formatCidr(cidr)} is not a subnet of the cloud network: ${network}`;
    }
  }
  if (view.egressCidrs.size > 0) return null;
  if (view.egressIps.size > node.capacity) {
    return `the amount of requested EgressIPs (${view.egressIps.size}) on hostSubnet: "${view.name}" exceeds the node's capacity (${node.capacity})`;
  }
  for (const ip of view.egressIps) {
    const address = parseIpv4(ip);
    if (address === null || !cidrContains(node.network, address)) {
      return `the defined egress IP ${ip} is not on the cloud network: ${network}`;
    }
  }
  return null;
}
