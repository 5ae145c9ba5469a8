// `hostsubnet:`, `netnamespace:`, `node:`: what the API objects say.

import { HostSubnets } from '../../fabric/openshift-sdn/kinds/host-subnet.ts';
import { NetNamespaces } from '../../fabric/openshift-sdn/kinds/net-namespace.ts';
import { Nodes } from '../../kube/kinds/node.ts';
import type {
  HostSubnetExpectation,
  NetNamespaceExpectation,
  NodeExpectation,
} from '../../topology/expectations/cluster-objects.ts';
import type { ScenarioState } from '../state.ts';
import { compareList } from './compare.ts';

/** `hostsubnet:`, what differs from the object. */
export function hostSubnet({ lab }: ScenarioState, expectation: HostSubnetExpectation): string[] {
  const object = lab.cluster?.store.get(HostSubnets, expectation.node) ?? null;
  if (object === null) return [`there is no HostSubnet ${expectation.node}`];
  const what = `hostsubnet ${expectation.node}`;
  return [
    ...compareList(`${what} egressIPs`, object.egressIPs ?? [], expectation.egressIps),
    ...compareList(`${what} egressCIDRs`, object.egressCIDRs ?? [], expectation.egressCidrs),
  ];
}

/** `netnamespace:`, what differs from the object. */
export function netNamespace(
  { lab }: ScenarioState,
  expectation: NetNamespaceExpectation,
): string[] {
  const object = lab.cluster?.store.get(NetNamespaces, expectation.namespace) ?? null;
  if (object === null) return [`there is no NetNamespace ${expectation.namespace}`];
  const what = `netnamespace ${expectation.namespace}`;
  const saw = compareList(`${what} egressIPs`, object.egressIPs ?? [], expectation.egressIps);
  if (expectation.netid !== null && object.netid !== expectation.netid) {
    saw.push(`${what} netid is ${object.netid}`);
  }
  return saw;
}

/** `node:`, whether the Node is as Ready as it should be. */
export function node({ lab }: ScenarioState, expectation: NodeExpectation): string[] {
  const object = lab.cluster?.store.get(Nodes, expectation.node) ?? null;
  if (object === null) return [`there is no Node ${expectation.node}`];
  const condition = object.status.conditions?.find(({ type }) => type === 'Ready');
  const ready = condition?.status === 'True';
  if (ready === expectation.ready) return [];
  return [`node ${expectation.node} is ${ready ? 'Ready' : 'NotReady'}`];
}
