// The objects of OpenShift SDN that a cluster begins with: a HostSubnet for each node and a NetNamespace
// for each namespace, as the topology fills them.

import { present } from '../../base/assert.ts';
import type { NewObject } from '../../kube/kinds/object.ts';
import { formatCidr, formatIpv4 } from '../../wire/ipv4-address.ts';
import type { FabricObjects } from '../network.ts';
import type { ClusterPlan, NodePlan } from '../plan.ts';
import type { HostSubnet } from './kinds/host-subnet.ts';
import type { NetNamespace } from './kinds/net-namespace.ts';
import type { NamespaceSettings, NodeSettings, SdnSettings } from './settings.ts';

/** `created` is their creationTimestamp. */
export function sdnObjects(
  { nodes, namespaces }: ClusterPlan,
  settings: SdnSettings,
  created: string,
): FabricObjects {
  return {
    besideNodes: nodes.map((node) =>
      hostSubnet(node, present(settings.nodes[node.name], 'every node has settings'), created),
    ),
    besideNamespaces: namespaces.map(({ name }) => {
      const own = present(settings.namespaces[name], 'every namespace has settings');
      return netNamespace(name, own, created);
    }),
    nodeAnnotations: new Map(),
  };
}

function hostSubnet(
  { name, address, subnet }: NodePlan,
  { egressIps, egressCidrs }: NodeSettings,
  created: string,
): NewObject<HostSubnet> {
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'HostSubnet',
    metadata: { name, creationTimestamp: created },
    host: name,
    hostIP: formatIpv4(address.address),
    subnet: formatCidr(subnet),
    ...(egressIps.length === 0 ? {} : { egressIPs: egressIps }),
    ...(egressCidrs.length === 0 ? {} : { egressCIDRs: egressCidrs }),
  };
}

function netNamespace(
  name: string,
  { netid, egressIps }: NamespaceSettings,
  created: string,
): NewObject<NetNamespace> {
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'NetNamespace',
    metadata: { name, creationTimestamp: created },
    netname: name,
    netid,
    ...(egressIps.length === 0 ? {} : { egressIPs: egressIps }),
  };
}
