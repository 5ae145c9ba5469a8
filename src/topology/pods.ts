// `cluster.pods`: where each runs, and the address that the node's IPAM gives it.

import { z } from 'zod';
import { type Labels, metadataShape } from '../schema/labels.ts';
import type { Path } from '../schema/position.ts';
import { ipv4 } from '../schema/values.ts';
import {
  broadcastOf,
  cidrContains,
  formatCidr,
  formatIpv4,
  type Ipv4Address,
  type Ipv4Cidr,
  ipv4Address,
} from '../wire/ipv4-address.ts';
import type { Context } from './context.ts';
import { podMac } from './derived-mac.ts';
import { type Dialect, sectionShape } from './dialect.ts';
import type { NodeSpec, PodSpec } from './model.ts';
import { countShape } from './reuse/shape.ts';
import { normalizeServices, serviceSchema } from './services.ts';

/** A pod as it is written. */
export interface RawPod {
  readonly namespace: string;
  readonly node: string;
  readonly address?: Ipv4Address;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly services?: Parameters<typeof normalizeServices>[1];
}

/** One pod, with the keys of the fabrics. */
export function podSchema(dialect: Dialect): z.ZodType<RawPod> {
  return z
    .strictObject({
      ...countShape,
      namespace: z.string({ error: 'expected the name of a namespace' }),
      node: z.string({ error: 'expected the name of a node' }),
      address: ipv4
        .exactOptional()
        .describe("Within the node's pod subnet; the next free one when left out"),
      services: z.array(serviceSchema).exactOptional().describe('What listens here'),
      ...sectionShape(dialect, 'pod'),
      ...metadataShape,
    })
    .meta({ id: 'pod' });
}

/**
 * Normalizes all pods of a cluster, those with an address of their own first. `nodeAddresses` at the
 * beginning of each subnet are the node's.
 */
export function normalizePods(
  context: Context,
  raw: Readonly<Record<string, RawPod>>,
  nodes: readonly NodeSpec[],
  nodeAddresses: number,
  path: Path,
): PodSpec[] {
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const pools = new Map<string, AddressPool>();
  for (const { name, subnet } of nodes) pools.set(name, new AddressPool(subnet, nodeAddresses));
  for (const given of Object.values(raw)) {
    if (given.address !== undefined) pools.get(given.node)?.take(given.address);
  }
  const pods: PodSpec[] = [];
  for (const [name, given] of Object.entries(raw)) {
    const at = [...path, name];
    const services = normalizeServices(context, given.services ?? [], [...at, 'services']);
    const knowsNamespace = context.known(given.namespace, [...at, 'namespace'], 'namespace');
    const knowsNode = context.known(given.node, [...at, 'node'], 'node');
    const node = byName.get(given.node);
    const pool = pools.get(given.node);
    if (!knowsNamespace || !knowsNode || node === undefined || pool === undefined) continue;
    const address = podAddress(context, given, node, pool, at);
    if (address === null) continue;
    const pod: PodSpec = {
      name,
      position: context.position(at, 'key'),
      namespace: given.namespace,
      labels: given.labels ?? {},
      annotations: given.annotations ?? {},
      node: given.node,
      address: { address, prefixLength: node.subnet.prefixLength },
      mac: podMac(address),
      services,
    };
    context.pods.set(name, pod);
    pods.push(pod);
  }
  return pods;
}

function podAddress(
  context: Context,
  raw: RawPod,
  node: NodeSpec,
  pool: AddressPool,
  path: Path,
): Ipv4Address | null {
  if (raw.address === undefined) {
    const free = pool.next();
    if (free === null) {
      const message = `the pod subnet ${formatCidr(node.subnet)} of "${node.name}" is full`;
      context.report(path, message, 'use a wider subnet or another node', 'key');
    }
    return free;
  }
  if (pool.offers(raw.address)) return raw.address;
  const range = `${formatIpv4(pool.first)} to ${formatIpv4(pool.last)}`;
  const message = `${formatIpv4(raw.address)} is not a pod address of "${node.name}"`;
  context.report([...path, 'address'], message, `its pods have ${range}`);
  return null;
}

/** host-local IPAM of one node: the first addresses are the node's own, then upwards. */
class AddressPool {
  readonly first: Ipv4Address;
  readonly last: Ipv4Address;
  readonly #subnet: Ipv4Cidr;
  readonly #taken = new Set<Ipv4Address>();
  #next: number;

  constructor(subnet: Ipv4Cidr, nodeAddresses: number) {
    this.#subnet = subnet;
    this.first = ipv4Address(subnet.address + 1 + nodeAddresses);
    this.last = ipv4Address((broadcastOf(subnet) ?? subnet.address) - 1);
    this.#next = this.first;
  }

  offers(address: Ipv4Address): boolean {
    return cidrContains(this.#subnet, address) && address >= this.first && address <= this.last;
  }

  take(address: Ipv4Address): void {
    this.#taken.add(address);
  }

  next(): Ipv4Address | null {
    while (this.#taken.has(ipv4Address(this.#next))) this.#next += 1;
    return this.#next > this.last ? null : ipv4Address(this.#next++);
  }
}
