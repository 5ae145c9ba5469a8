// network.openshift.io/v1 NetNamespace: flat, without spec and status.

import { column, listCell, nameColumn } from '../../../kube/kinds/columns.ts';
import { defineKind, type Kind } from '../../../kube/kinds/kind.ts';
import type { ObjectMeta } from '../../../kube/kinds/object.ts';
import { integer, list, text } from '../../../kube/kinds/schema.ts';
import { MAXIMUM_VNI } from '../../../wire/vxlan.ts';
import { ADDRESS_PATTERN, NAME_PATTERN, NETWORK_GROUP } from './patterns.ts';

/** The virtual network of one namespace and the egress IPs it wants, in order of preference. */
export type NetNamespace = {
  readonly apiVersion: 'network.openshift.io/v1';
  readonly kind: 'NetNamespace';
  readonly metadata: ObjectMeta;
  readonly netname: string;
  /** The VNID, 0..16777215. */
  readonly netid: number;
  readonly egressIPs?: readonly string[];
};

/** The virtual networks of the namespaces. */
export const NetNamespaces: Kind<NetNamespace> = defineKind<NetNamespace>({
  name: 'NetNamespace',
  plural: 'netnamespaces',
  group: NETWORK_GROUP,
  description: 'NetNamespace describes a single isolated network.',
  fields: {
    netname: text(
      "NetName is the name of the network namespace. (This is the same as the object's name.)",
      { pattern: NAME_PATTERN },
    ),
    netid: integer(
      'NetID is the network identifier of the network namespace assigned to each overlay network packet.',
      MAXIMUM_VNI,
    ),
    egressIPs: list(
      'EgressIPs is a list of reserved IPs that will be used as the source for external traffic coming from pods in this namespace.',
      text('An IPv4 address.', { pattern: ADDRESS_PATTERN }),
    ),
  },
  required: ['netname', 'netid'],
  columns: [
    nameColumn,
    column('NetID', ({ netid }) => netid, 'integer'),
    column('Egress IPs', ({ egressIPs }, { listStyle }) => listCell(egressIPs, listStyle)),
  ],
});
