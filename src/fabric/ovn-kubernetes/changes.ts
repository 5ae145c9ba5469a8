// What an administrator of OVN-Kubernetes might change about egress IPs, read off the objects as they stand.

import { Nodes } from '../../kube/kinds/node.ts';
import type { ObjectStore } from '../../kube/server/store.ts';
import { formatIpv4, ipv4Address, parseIpv4 } from '../../wire/ipv4-address.ts';
import type { AdministratorChange } from '../administrator-change.ts';
import { ASSIGNABLE_LABEL } from './control/annotations.ts';
import { type EgressIp, EgressIps } from './kinds/egress-ip.ts';

/** In the order of the objects. */
export function administratorChanges(store: ObjectStore): readonly AdministratorChange[] {
  const nodes = store
    .list(Nodes)
    .items.filter(({ metadata }) => metadata.labels?.[ASSIGNABLE_LABEL] !== undefined);
  const labels = nodes.map(
    ({ metadata: { name } }): AdministratorChange => ({
      what: `${name} takes no egress IPs`,
      does: [`label node ${name} ${ASSIGNABLE_LABEL}-`],
      undoes: [`label node ${name} ${ASSIGNABLE_LABEL}=`],
    }),
  );
  return [...labels, ...store.list(EgressIps).items.flatMap(requestsOf)];
}

function requestsOf({ metadata: { name }, spec: { egressIPs } }: EgressIp): AdministratorChange[] {
  const [first] = egressIPs;
  const address = first === undefined ? null : parseIpv4(first);
  if (first === undefined || address === null) return [];
  const undoes = [patch(name, egressIPs)];
  const last = address % 256;
  const free = formatIpv4(ipv4Address(address - last + ((last + 57) % 250) + 1));
  const changes: AdministratorChange[] = [
    { what: `${name} asks for one IP more`, does: [patch(name, [...egressIPs, free])], undoes },
    {
      what: `${name} asks for another IP`,
      does: [patch(name, [free, ...egressIPs.slice(1)])],
      undoes,
    },
  ];
  if (egressIPs.length > 1) {
    changes.push({
      what: `${name} asks for its first IP alone`,
      does: [patch(name, [first])],
      undoes,
    });
    const reversed = [...egressIPs].reverse();
    changes.push({ what: `${name} asks in another order`, does: [patch(name, reversed)], undoes });
  }
  return changes;
}

function patch(name: string, egressIPs: readonly string[]): string {
  return `patch egressip ${name} --type=merge -p '${JSON.stringify({ spec: { egressIPs } })}'`;
}
