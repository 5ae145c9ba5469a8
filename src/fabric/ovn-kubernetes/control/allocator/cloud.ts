// CloudPrivateIPConfigs: on a cloud an address is first asked of the cloud, and stands in the status of its
// EgressIP only when the cloud says that it is there (clustermanager/egressip_controller.go, cloud part).

import { conditionStatus } from '../../../../kube/kinds/conditions.ts';
import type { NewObject } from '../../../../kube/kinds/object.ts';
import { parseIp } from '../../ip-text.ts';
import type { CloudPrivateIpConfig } from '../../kinds/cloud-private-ip-config.ts';
import type { EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import type { Round } from './allocator.ts';

/** Which EgressIP asked. */
export const OWNER_ANNOTATION = 'k8s.ovn.org/egressip-owner-ref';

/** What the cloud is to be asked. */
export type CloudRequest =
  | { readonly kind: 'delete'; readonly name: string }
  | { readonly kind: 'place'; readonly object: NewObject<CloudPrivateIpConfig> };

/** An IPv6 address is eight full groups joined by dots. */
export function cloudName(ip: string): string {
  const address = parseIp(ip);
  if (address === null || address.family === 'ip4') return ip;
  return Array.from({ length: 8 }, (_, index) =>
    ((address.bits >> BigInt(16 * (7 - index))) & 0xffffn).toString(16).padStart(4, '0'),
  ).join('.');
}

/** The address of a name, canonical as far as IPv4 goes. */
export function cloudIp(name: string): string {
  return name.split('.').length === 8 ? name.replaceAll('.', ':') : name;
}

/** What a round asks of the cloud: addresses that move are changed, not deleted and made anew. */
export function cloudRequests(object: string, { removed, added }: Round): readonly CloudRequest[] {
  const moved = new Set(added.map(({ egressIP }) => egressIP));
  return [
    ...removed
      .filter(({ egressIP }) => !moved.has(egressIP))
      .map(({ egressIP }): CloudRequest => ({ kind: 'delete', name: cloudName(egressIP) })),
    ...added.map((item): CloudRequest => ({ kind: 'place', object: request(object, item) })),
  ];
}

/** True when the cloud says that the address is where it was asked to be. */
export function isAssigned({ spec, status }: CloudPrivateIpConfig): boolean {
  return conditionStatus(status?.conditions, 'Assigned') === 'True' && status?.node === spec.node;
}

function request(
  owner: string,
  { node, egressIP }: EgressIpStatusItem,
): NewObject<CloudPrivateIpConfig> {
  return {
    apiVersion: 'cloud.network.openshift.io/v1',
    kind: 'CloudPrivateIPConfig',
    metadata: { name: cloudName(egressIP), annotations: { [OWNER_ANNOTATION]: owner } },
    spec: { node },
  };
}
