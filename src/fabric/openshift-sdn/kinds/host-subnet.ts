// network.openshift.io/v1 HostSubnet: flat, without spec and status.

import { column, listCell, nameColumn } from '../../../kube/kinds/columns.ts';
import { defineKind, type Kind } from '../../../kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../kube/kinds/object.ts';
import { list, text } from '../../../kube/kinds/schema.ts';
import { ADDRESS_PATTERN, CIDR_PATTERN, NAME_PATTERN, NETWORK_GROUP } from './patterns.ts';

/** The pod subnet of one node, the egress IPs it hosts and the ranges it offers. */
export type HostSubnet = {
  readonly apiVersion: 'network.openshift.io/v1';
  readonly kind: 'HostSubnet';
  readonly metadata: ObjectMeta;
  /** Must equal `metadata.name`. */
  readonly host: string;
  readonly hostIP: string;
  readonly subnet: string;
  readonly egressIPs?: readonly string[];
  readonly egressCIDRs?: readonly string[];
};

/** The subnets of the nodes. */
export const HostSubnets: Kind<HostSubnet> = defineKind<HostSubnet>({
  name: 'HostSubnet',
  plural: 'hostsubnets',
  group: NETWORK_GROUP,
  description: 'HostSubnet describes the container subnet network on a node.',
  fields: {
    host: text("Host is the name of the node. (This is the same as the object's name.)", {
      pattern: NAME_PATTERN,
    }),
    hostIP: text('HostIP is the IP address to be used as a VTEP by other nodes.', {
      pattern: ADDRESS_PATTERN,
    }),
    // Not in the 4.3-era CRD, and with the assign-subnet annotation it may be empty.
    subnet: text('Subnet is the CIDR range of the overlay network assigned to the node.', {
      pattern: CIDR_PATTERN,
      mayBeEmpty: true,
    }),
    egressIPs: list(
      'EgressIPs is the list of automatic egress IP addresses currently hosted by this node.',
      text('An IPv4 address.', { pattern: ADDRESS_PATTERN }),
    ),
    egressCIDRs: list(
      'EgressCIDRs is the list of CIDR ranges available for automatically assigning egress IPs to this node from.',
      text('An IPv4 network in CIDR notation.', { pattern: CIDR_PATTERN }),
    ),
  },
  required: ['host', 'hostIP'],
  columns: [
    nameColumn,
    column('Host', ({ host }) => host),
    column('Host IP', ({ hostIP }) => hostIP),
    column('Subnet', ({ subnet }) => subnet ?? null),
    column('Egress CIDRs', ({ egressCIDRs }, { listStyle }) => listCell(egressCIDRs, listStyle)),
    column('Egress IPs', ({ egressIPs }, { listStyle }) => listCell(egressIPs, listStyle)),
  ],
});
