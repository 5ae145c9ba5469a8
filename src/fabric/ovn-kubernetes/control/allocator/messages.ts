// What the cluster manager writes to its log and into Events, word for word
// (clustermanager/egressip_controller.go).

import type { EgressIpStatusItem } from '../../kinds/egress-ip.ts';

/** Who records them. */
export const EVENT_SOURCE = 'ovnk-controlplane';

/** Reason and message of an Event about an EgressIP. */
export interface EgressIpEvent {
  readonly reason: string;
  readonly message: string;
}

/** Events about an EgressIP, by what happened. */
export const egressIpEvents = {
  noAssignableNodes: (name: string): EgressIpEvent => ({
    reason: 'NoMatchingNodeFound',
    message: `no assignable nodes for EgressIP: ${name}, please tag at least one node with label: k8s.ovn.org/egress-assignable`,
  }),
  noMatchingNodes: (name: string, ips: readonly string[]): EgressIpEvent => ({
    reason: 'NoMatchingNodeFound',
    message: `No matching nodes found, which can host any of the egress IPs: [${ips.join(' ')}] for object EgressIP: ${name}`,
  }),
  unassigned: (name: string): EgressIpEvent => ({
    reason: 'UnassignedRequest',
    message: `Not all egress IPs for EgressIP: ${name} could be assigned, please tag more nodes`,
  }),
  conflict: (name: string, ip: string, node: string): EgressIpEvent => ({
    reason: 'EgressIPConflict',
    message: `Egress IP ${name} with IP ${ip} is conflicting with a host (${node}) IP address and will not be assigned`,
  }),
  alreadyAllocated: (name: string, ip: string, other: string, node: string): EgressIpEvent => ({
    reason: 'UnsupportedRequest',
    message: `IP: "${ip}" for EgressIP: ${name} is already allocated for EgressIP: ${other} on ${node}`,
  }),
  invalid: (name: string, text: string): EgressIpEvent => ({
    reason: 'InvalidEgressIP',
    message: `egress IP: ${text} for object EgressIP: ${name} is not a valid IP address`,
  }),
};

/** Why an item of a status does not hold any more. */
export const allocatorErrors = {
  unknownNode: (name: string, { node }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} claims to have an allocation on a node which is unassignable for egress IP: ${node}`,
  several: (name: string, { node }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} claims multiple egress IPs on same node: ${node}, will attempt rebalancing`,
  mismatch: (name: string, { node, egressIP }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} has mistmach with status vs cache for node: ${node} with IP: ${egressIP}`,
  unlabelled: (name: string, { node }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} assigned to node: ${node} which does not have egress label, will attempt rebalancing`,
  unreachable: (name: string, { node }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} assigned to node: ${node} which is not reachable, will attempt rebalancing`,
  notReady: (name: string, { node }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP: ${name} assigned to node: ${node} which is not ready, will attempt rebalancing`,
  unparsable: (_name: string, { egressIP }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP allocation contains unparsable IP address: ${egressIP}`,
  foreignNetwork: (_name: string, { node, egressIP }: EgressIpStatusItem): string =>
    `Allocator error: EgressIP allocation: ${egressIP} on node: ${node} which cannot host it`,
};
