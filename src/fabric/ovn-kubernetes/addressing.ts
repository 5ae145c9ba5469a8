// Where the logical routers of a node live: addresses that ovnkube derives from the number of the node.
// IPv4 only, as the stack is.

import { present } from '../../base/assert.ts';
import {
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
  parseCidr,
} from '../../wire/ipv4-address.ts';
import type { ClusterPlan, NodePlan } from '../plan.ts';

/** The join switch; `.1` is the cluster router. */
export const JOIN_NETWORK = '100.64.0.0/16';
/** The transit switch, which links the zones. */
export const TRANSIT_NETWORK = '100.88.0.0/16';

/** Both as networks. */
export const JOIN_CIDR: Ipv4Cidr = present(parseCidr(JOIN_NETWORK), 'it is a network');
/** The same of the transit switch. */
export const TRANSIT_CIDR: Ipv4Cidr = present(parseCidr(TRANSIT_NETWORK), 'it is a network');

/** The number that the first node gets (annotation `k8s.ovn.org/node-id`). */
const FIRST_NODE_ID = 2;

/** Where the logical routers of one node are. */
export interface NodeAddressing {
  /** `k8s.ovn.org/node-id`. */
  readonly id: number;
  /** `rtoj-GR_<node>`: the gateway router on the join switch. */
  readonly join: Ipv4Address;
  /** `tstor-<node>`: the cluster router on the transit switch. */
  readonly transit: Ipv4Address;
  /** `rtos-<node>`: the cluster router on the node switch; what pods call their gateway. */
  readonly gateway: Ipv4Address;
  /** `ovn-k8s-mp0`: the node itself on its switch. */
  readonly management: Ipv4Address;
}

/** By node, numbered in the order of the plan. */
export function nodeAddressing({ nodes }: ClusterPlan): ReadonlyMap<string, NodeAddressing> {
  return new Map(
    nodes.map((node, index) => [node.name, addressingOf(node, index + FIRST_NODE_ID)]),
  );
}

function addressingOf({ subnet }: NodePlan, id: number): NodeAddressing {
  return {
    id,
    join: ipv4Address(JOIN_CIDR.address + id),
    transit: ipv4Address(TRANSIT_CIDR.address + id),
    gateway: ipv4Address(subnet.address + 1),
    management: ipv4Address(subnet.address + 2),
  };
}
