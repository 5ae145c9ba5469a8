// HostSubnets and NetNamespaces for tests, as the API server would hand them out.

import type { HostSubnet } from '../../../../src/fabric/openshift-sdn/kinds/host-subnet.ts';
import type { NetNamespace } from '../../../../src/fabric/openshift-sdn/kinds/net-namespace.ts';
import type { ObjectMeta } from '../../../../src/kube/kinds/object.ts';
export function meta(name: string, annotations?: Record<string, string>): ObjectMeta {
  const base = { name, uid: name, resourceVersion: '1', creationTimestamp: '2020-05-09T08:00:00Z' };
  return annotations === undefined ? base : { ...base, annotations };
}

export interface HostSubnetFields {
  readonly host: string;
  readonly hostIP: string;
  readonly subnet?: string;
  readonly egressIPs?: readonly string[];
  readonly egressCIDRs?: readonly string[];
}

/** A HostSubnet whose uid is its name. */
export function hostSubnet(
  fields: HostSubnetFields,
  metadata: ObjectMeta = meta(fields.host),
): HostSubnet {
  const { host, hostIP, subnet = '10.128.0.0/23', egressIPs = [], egressCIDRs = [] } = fields;
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'HostSubnet',
    metadata,
    host,
    hostIP,
    subnet,
    egressIPs,
    egressCIDRs,
  };
}

/** A NetNamespace. */
export function netNamespace(
  name: string,
  netid: number,
  egressIPs: readonly string[] = [],
): NetNamespace {
  return {
    apiVersion: 'network.openshift.io/v1',
    kind: 'NetNamespace',
    metadata: meta(name),
    netname: name,
    netid,
    egressIPs,
  };
}
