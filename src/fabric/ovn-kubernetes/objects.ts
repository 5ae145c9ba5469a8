// The objects of OVN-Kubernetes that a cluster begins with: the EgressIPs of the topology, and what the
// agents have written to each Node already.

import { present } from '../../base/assert.ts';
import type { JsonObject } from '../../kube/json.ts';
import type { NewObject } from '../../kube/kinds/object.ts';
import { formatCidr, formatIpv4 } from '../../wire/ipv4-address.ts';
import type { FabricObjects } from '../network.ts';
import type { ClusterPlan, NodePlan } from '../plan.ts';
import { type NodeAddressing, nodeAddressing } from './addressing.ts';
import {
  CHASSIS_ANNOTATION,
  HOST_CIDRS_ANNOTATION,
  JOIN_ANNOTATION,
  NODE_ID_ANNOTATION,
  PRIMARY_ANNOTATION,
  SUBNETS_ANNOTATION,
  TRANSIT_ANNOTATION,
  ZONE_ANNOTATION,
} from './control/annotations.ts';
import type { EgressIp } from './kinds/egress-ip.ts';
import type { EgressIpSettings, OvnSettings } from './settings.ts';

/**
 * `created` is their creationTimestamp; `hostCidrs` tells the addresses of a node's host; `isZoned`: each
 * node is a zone of its own.
 */
export function ovnObjects(
  plan: ClusterPlan,
  settings: OvnSettings,
  created: string,
  hostCidrs: (node: string) => readonly string[],
  isZoned: boolean,
): FabricObjects {
  const addressing = nodeAddressing(plan);
  return {
    besideNodes: [],
    besideNamespaces: Object.entries(settings.egressIPs).map(([name, own]) =>
      egressIp(name, own, created),
    ),
    nodeAnnotations: new Map(
      plan.nodes.map((node) => {
        const own = present(addressing.get(node.name), 'every node has its routers');
        return [node.name, annotationsOf(node, own, hostCidrs(node.name), isZoned)];
      }),
    ),
  };
}

function annotationsOf(
  { address, name, subnet }: NodePlan,
  { id, join, transit }: NodeAddressing,
  cidrs: readonly string[],
  isZoned: boolean,
): Readonly<Record<string, string>> {
  return {
    [PRIMARY_ANNOTATION]: JSON.stringify({ ipv4: formatCidr(address) }),
    [HOST_CIDRS_ANNOTATION]: JSON.stringify(cidrs),
    [SUBNETS_ANNOTATION]: JSON.stringify({ default: [formatCidr(subnet)] }),
    [JOIN_ANNOTATION]: JSON.stringify({ default: { ipv4: `${formatIpv4(join)}/16` } }),
    [NODE_ID_ANNOTATION]: String(id),
    [CHASSIS_ANNOTATION]: name,
    ...(isZoned
      ? {
          [TRANSIT_ANNOTATION]: JSON.stringify({ ipv4: `${formatIpv4(transit)}/16` }),
          [ZONE_ANNOTATION]: name,
        }
      : {}),
  };
}

function egressIp(
  name: string,
  { egressIps, namespaceSelector, podSelector }: EgressIpSettings,
  created: string,
): NewObject<EgressIp> & JsonObject {
  return {
    apiVersion: 'k8s.ovn.org/v1',
    kind: 'EgressIP',
    metadata: { name, creationTimestamp: created },
    spec: {
      egressIPs: egressIps,
      namespaceSelector,
      ...(podSelector === null ? {} : { podSelector }),
    },
  };
}
