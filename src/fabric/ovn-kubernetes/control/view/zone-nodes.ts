// The nodes as a zone sees them: where their routers are, and which addresses are those of hosts.

import type { Node } from '../../../../kube/kinds/node.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import { formatIp, type IpNetwork, networkContains, parseIp, widthOf } from '../../ip-text.ts';
import { familyOf, type IpFamily } from '../../northbound.ts';
import {
  BRIDGE_ANNOTATION,
  hostCidrs,
  JOIN_ANNOTATION,
  nodeSubnets,
  pairAddresses,
  primaryNetworks,
  SECONDARY_ANNOTATION,
  TRANSIT_ANNOTATION,
} from '../annotations.ts';

/** A node as a zone sees it. */
export interface ZoneNode {
  readonly name: string;
  readonly primary: readonly IpNetwork[];
  readonly hostAddresses: readonly string[];
  readonly join: readonly string[];
  readonly transit: readonly string[];
  readonly management: readonly string[];
  /** Join addresses of its gateway routers on user-defined networks. */
  readonly networkJoin: (network: string) => readonly string[];
  /** What all this was read from. */
  readonly annotations: TextMap;
}

/** The node's own books: zones do not look at them. */
const BOOKS: ReadonlySet<string> = new Set([BRIDGE_ANNOTATION, SECONDARY_ANNOTATION]);

/** Reads a Node. */
export function viewNode(node: Node): ZoneNode {
  return {
    name: node.metadata.name,
    primary: primaryNetworks(node) ?? [],
    hostAddresses: (hostCidrs(node) ?? []).map(formatIp),
    join: pairAddresses(node, JOIN_ANNOTATION),
    transit: pairAddresses(node, TRANSIT_ANNOTATION),
    management: (nodeSubnets(node) ?? []).map(managementOf),
    networkJoin: (network) => pairAddresses(node, `${JOIN_ANNOTATION}-${network}`),
    annotations: node.metadata.annotations ?? {},
  };
}

/** Whether a Node would be viewed as it was. */
export function isSameToZones({ annotations: before }: ZoneNode, node: Node): boolean {
  const { annotations: after = {} } = node.metadata;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].every((key) => before[key] === after[key] || BOOKS.has(key));
}

/** The address of that family. */
export function ofFamily(addresses: readonly string[], family: IpFamily): string | null {
  return addresses.find((address) => familyOf(address) === family) ?? null;
}

/** Whether an egress IP is on the node's own network; any other one counts as secondary. */
export function isOnPrimary({ primary }: ZoneNode, egressIp: string): boolean {
  const ip = parseIp(egressIp);
  return ip !== null && primary.some((network) => networkContains(network, ip));
}

/** The node's own address of a family. */
export function primaryAddress({ primary }: ZoneNode, family: IpFamily): string | null {
  const own = primary.find((network) => network.family === family);
  return own === undefined ? null : formatIp(own);
}

/** The second address of a subnet. */
function managementOf(subnet: IpNetwork): string {
  const host = BigInt(widthOf(subnet) - subnet.prefixLength);
  return formatIp({ family: subnet.family, bits: ((subnet.bits >> host) << host) + 2n });
}
