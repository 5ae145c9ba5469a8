// Which pod addresses belong to which node: given subnets are checked, missing ones are allocated as
// the SDN controller does (a /23 of the cluster network each, in order).

import { present } from '../base/assert.ts';
import type { Path } from '../schema/position.ts';
import {
  cidrContains,
  formatCidr,
  type Ipv4Cidr,
  ipv4Address,
  networkOf,
  parseCidr,
} from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';

/** OpenShift's defaults: ClusterNetwork 10.128.0.0/14 with 9 host bits for each node. */
const DEFAULT_CLUSTER_NETWORK: Ipv4Cidr = present(parseCidr('10.128.0.0/14'), 'it is a network');
const NODE_PREFIX_LENGTH = 23;

/** What the file says of one node. */
export interface SubnetRequest {
  readonly node: string;
  /** Null asks for the next free one. */
  readonly given: Ipv4Cidr | null;
  readonly path: Path;
}

/** All pod addresses, and those of each node. */
export interface PodSubnets {
  readonly clusterNetwork: Ipv4Cidr;
  /** By node. */
  readonly subnets: ReadonlyMap<string, Ipv4Cidr>;
}

/** `clusterNetwork` null takes the smallest network that holds all the subnets. */
export function assignPodSubnets(
  context: Context,
  requests: readonly SubnetRequest[],
  clusterNetwork: Ipv4Cidr | null,
  path: Path,
): PodSubnets {
  const given = requests.flatMap((request) =>
    request.given === null ? [] : [{ ...request, subnet: request.given }],
  );
  reportOverlaps(context, given);
  for (const { subnet, path: at } of given) {
    if (clusterNetwork !== null && !within(clusterNetwork, subnet)) {
      const message = `${formatCidr(subnet)} is outside the cluster network ${formatCidr(clusterNetwork)}`;
      context.report(at, message, 'change one of the two');
    }
  }
  const subnets = new Map(given.map(({ node, subnet }) => [node, subnet]));
  const pool = clusterNetwork ?? DEFAULT_CLUSTER_NETWORK;
  let next = pool.address;
  for (const request of requests) {
    if (request.given !== null) continue;
    let free = nextFree(
      pool,
      next,
      given.map(({ subnet }) => subnet),
    );
    if (free === null) {
      const message = `the cluster network ${formatCidr(pool)} has no free /${NODE_PREFIX_LENGTH} left`;
      context.report(request.path, message, 'give it a "subnet"', 'key');
      free = pool;
    }
    next = ipv4Address(free.address + 2 ** (32 - NODE_PREFIX_LENGTH));
    subnets.set(request.node, free);
  }
  const network = clusterNetwork ?? covering([...subnets.values()]);
  if (!requests.some(({ path: at }) => context.damaged(at)))
    reportClash(context, network, clusterNetwork === null, path);
  return { clusterNetwork: network, subnets };
}

function reportOverlaps(
  context: Context,
  given: readonly { readonly node: string; readonly subnet: Ipv4Cidr; readonly path: Path }[],
): void {
  const sorted = [...given].sort((a, b) => a.subnet.address - b.subnet.address);
  let widest = sorted[0];
  for (const request of sorted.slice(1)) {
    if (widest !== undefined && overlaps(widest.subnet, request.subnet)) {
      const other = `${formatCidr(widest.subnet)} of "${widest.node}"`;
      const message = `the pod subnet ${formatCidr(request.subnet)} overlaps ${other}`;
      context.report(request.path, message, 'give every node a subnet of its own');
    }
    if (widest === undefined || endOf(request.subnet) > endOf(widest.subnet)) widest = request;
  }
}

/** Pods and machines must not share addresses: masquerading tells them apart by network. */
function reportClash(context: Context, network: Ipv4Cidr, derived: boolean, path: Path): void {
  for (const { name, subnet } of context.segments.values()) {
    if (subnet === null || !overlaps(network, subnet)) continue;
    context.report(
      derived ? path : [...path, 'clusterNetwork'],
      `the cluster network ${formatCidr(network)} overlaps ${formatCidr(subnet)} of segment "${name}"`,
      derived
        ? 'write a "clusterNetwork" that holds the pod subnets and nothing else'
        : 'change one of the two',
      derived ? 'key' : 'value',
    );
  }
}

function nextFree(pool: Ipv4Cidr, from: number, taken: readonly Ipv4Cidr[]): Ipv4Cidr | null {
  const size = 2 ** (32 - NODE_PREFIX_LENGTH);
  for (let address = from; address + size - 1 <= endOf(pool); address += size) {
    const candidate = { address: ipv4Address(address), prefixLength: NODE_PREFIX_LENGTH };
    if (!taken.some((other) => overlaps(other, candidate))) return candidate;
  }
  return null;
}

/** The smallest network that holds all of them. */
function covering(subnets: readonly Ipv4Cidr[]): Ipv4Cidr {
  const [first] = subnets;
  if (first === undefined) return DEFAULT_CLUSTER_NETWORK;
  let { prefixLength } = first;
  const holdsAll = (): boolean => {
    const network = { address: first.address, prefixLength };
    return subnets.every((subnet) => within(network, subnet));
  };
  while (!holdsAll()) prefixLength -= 1;
  return { address: networkOf({ address: first.address, prefixLength }), prefixLength };
}

function endOf(cidr: Ipv4Cidr): number {
  return cidr.address + 2 ** (32 - cidr.prefixLength) - 1;
}

function within(outer: Ipv4Cidr, inner: Ipv4Cidr): boolean {
  return inner.prefixLength >= outer.prefixLength && cidrContains(outer, inner.address);
}

function overlaps(a: Ipv4Cidr, b: Ipv4Cidr): boolean {
  return a.prefixLength <= b.prefixLength ? cidrContains(a, b.address) : cidrContains(b, a.address);
}
