// What an administrator of OpenShift SDN might change about egress IPs, read off the objects as they stand.

import type { ObjectStore } from '../../kube/server/store.ts';
import { formatIpv4, ipv4Address, parseIpv4 } from '../../wire/ipv4-address.ts';
import type { AdministratorChange } from '../administrator-change.ts';
import { type HostSubnet, HostSubnets } from './kinds/host-subnet.ts';
import { type NetNamespace, NetNamespaces } from './kinds/net-namespace.ts';

/** In the order of the objects. */
export function administratorChanges(store: ObjectStore): readonly AdministratorChange[] {
  const subnets = store.list(HostSubnets).items;
  const namespaces = store.list(NetNamespaces).items;
  return [
    ...subnets.flatMap(withoutRanges),
    ...subnets.flatMap((subnet) => moved(subnet, subnets)),
    ...namespaces.flatMap(requestsOf),
  ];
}

function withoutRanges({ egressCIDRs = [], host }: HostSubnet): AdministratorChange[] {
  if (egressCIDRs.length === 0) return [];
  return [
    {
      what: `${host} offers no range`,
      does: [subnetPatch(host, { egressCIDRs: [] })],
      undoes: [subnetPatch(host, { egressCIDRs })],
    },
  ];
}

/** Static IPs go to the next node and back. */
function moved(subnet: HostSubnet, all: readonly HostSubnet[]): AdministratorChange[] {
  const { egressCIDRs = [], egressIPs = [], host } = subnet;
  if (egressCIDRs.length > 0 || egressIPs.length === 0) return [];
  return all
    .filter((other) => other !== subnet)
    .map((other) => {
      const theirs = other.egressIPs ?? [];
      const both = [...theirs, ...egressIPs];
      return {
        what: `static IPs of ${host} go to ${other.host}`,
        does: [subnetPatch(host, { egressIPs: [] }), subnetPatch(other.host, { egressIPs: both })],
        undoes: [subnetPatch(other.host, { egressIPs: theirs }), subnetPatch(host, { egressIPs })],
      };
    });
}

function requestsOf({ egressIPs = [], netid, netname }: NetNamespace): AdministratorChange[] {
  const [first] = egressIPs;
  if (first === undefined) return [];
  const undoes = [namespacePatch(netname, { egressIPs })];
  const changes: AdministratorChange[] = [
    {
      what: `${netname} asks for no IP`,
      does: [namespacePatch(netname, { egressIPs: [] })],
      undoes,
    },
    {
      what: `${netname} has another VNID`,
      does: [namespacePatch(netname, { netid: netid + 100_000 })],
      undoes: [namespacePatch(netname, { netid })],
    },
  ];
  const free = unused(first);
  if (free !== null) {
    changes.push({
      what: `${netname} asks for one IP more`,
      does: [namespacePatch(netname, { egressIPs: [...egressIPs, free] })],
      undoes,
    });
  }
  if (egressIPs.length > 1) {
    changes.push({
      what: `${netname} asks in another order`,
      does: [namespacePatch(netname, { egressIPs: [...egressIPs].reverse() })],
      undoes,
    });
    changes.push({
      what: `${netname} asks for its first IP alone`,
      does: [namespacePatch(netname, { egressIPs: [first] })],
      undoes,
    });
  }
  return changes;
}

/** An address a little above, which nobody has as a rule. */
function unused(text: string): string | null {
  const address = parseIpv4(text);
  if (address === null) return null;
  const last = address % 256;
  return formatIpv4(ipv4Address(address - last + ((last + 57) % 250) + 1));
}

function subnetPatch(host: string, change: Partial<HostSubnet>): string {
  return `patch hostsubnet ${host} --type=merge -p '${JSON.stringify(change)}'`;
}

function namespacePatch(name: string, change: Partial<NetNamespace>): string {
  return `patch netnamespace ${name} --type=merge -p '${JSON.stringify(change)}'`;
}
