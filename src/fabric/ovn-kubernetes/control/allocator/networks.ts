// Which network of a node would carry an egress IP (util/node_annotations.go:1033-1115).

import type { Node } from '../../../../kube/kinds/node.ts';
import {
  formatNetwork,
  type IpAddress,
  type IpNetwork,
  isGlobalUnicast,
  networkContains,
  widthOf,
} from '../../ip-text.ts';
import { cloudConfig, hostCidrs, primaryNetworks } from '../annotations.ts';

/** The networks of one node that egress IPs can be on. */
export interface NodeNetworks {
  /** The OVN network: that of the node's own addresses, or what the cloud says. */
  readonly primary: readonly IpNetwork[];
  /** Networks of further addresses of the host, longest prefix first; none on clouds. */
  readonly secondary: readonly IpNetwork[];
}

/** Where an IP would be: null when the node cannot host it. */
export type EgressNetwork = {
  readonly kind: 'primary' | 'secondary';
  /** '10.10.10.0/24' */
  readonly network: string;
} | null;

/** The networks of a node; null when its primary address cannot be read. */
export function networksOfNode(node: Node, isCloud: boolean): NodeNetworks | null {
  if (isCloud) {
    const cloud = cloudConfig(node);
    return cloud === null ? null : { primary: cloud.networks, secondary: [] };
  }
  const primary = primaryNetworks(node);
  if (primary === null) return null;
  return { primary, secondary: secondaryNetworks(primary, hostCidrs(node) ?? []) };
}

/** Networks beside the primary ones, longest prefix first. */
export function secondaryNetworks(
  primary: readonly IpNetwork[],
  addresses: readonly IpNetwork[],
): readonly IpNetwork[] {
  const own = new Set(primary.map(({ bits, family }) => `${family} ${bits}`));
  return addresses
    .filter((address) => !own.has(`${address.family} ${address.bits}`))
    .filter((address) => address.prefixLength < widthOf(address) && isGlobalUnicast(address))
    .toSorted((a, b) => b.prefixLength - a.prefixLength);
}

/** The primary network wins, then the longest prefix. */
export function networkOf({ primary, secondary }: NodeNetworks, ip: IpAddress): EgressNetwork {
  const contains = (network: IpNetwork): boolean => networkContains(network, ip);
  const own = primary.find(contains);
  if (own !== undefined) return { kind: 'primary', network: formatNetwork(own) };
  const other = secondary.find(contains);
  return other === undefined ? null : { kind: 'secondary', network: formatNetwork(other) };
}

/** `networkOf` without its text. */
export function kindOfNetwork(
  { primary, secondary }: NodeNetworks,
  ip: IpAddress,
): 'primary' | 'secondary' | null {
  for (const network of primary) if (networkContains(network, ip)) return 'primary';
  for (const network of secondary) if (networkContains(network, ip)) return 'secondary';
  return null;
}
