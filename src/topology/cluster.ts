// `cluster:`: the nodes, namespaces and pods of an OpenShift cluster, and which SDN runs it.

import { z } from 'zod';
import { DEFAULT_NODE_INTERFACE } from '../schema/declared.ts';
import type { Path } from '../schema/position.ts';
import {
  egressCidr,
  egressIp,
  type InterfaceAddress,
  integer,
  interfaceAddress,
  interfaceName,
  mapping,
  network,
  objectName,
} from '../schema/values.ts';
import { formatCidr, type Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import { MAXIMUM_VNI } from '../wire/vxlan.ts';
import type { Context } from './context.ts';
import type { DerivedMacs } from './derived-mac.ts';
import {
  interfaceExtrasShape,
  placedAddresses,
  plug,
  type RawInterface,
  type RawInterfaceExtras,
} from './interfaces.ts';
import {
  interfacesSchema,
  machineShape,
  normalizeInterfaces,
  normalizeMachine,
  type RawMachine,
} from './machines.ts';
import type { ClusterSpec, NamespaceSpec, NodeSpec } from './model.ts';
import { assignPodSubnets } from './pod-subnets.ts';
import { normalizePods, podSchema, type RawPod } from './pods.ts';
import { normalizeSdn, type RawSdn, sdnSchema } from './sdn.ts';

export interface RawNode extends RawMachine, RawInterfaceExtras {
  readonly role: 'master' | 'worker';
  readonly address: InterfaceAddress;
  readonly interface: string;
  readonly subnet?: Ipv4Cidr;
  readonly egressCIDRs?: readonly string[];
  readonly egressIPs?: readonly string[];
  readonly interfaces?: Readonly<Record<string, RawInterface>>;
}

interface RawNamespace {
  readonly netid?: number;
  readonly egressIPs?: readonly string[];
}

export interface RawCluster {
  readonly sdn: RawSdn;
  readonly segment: string;
  readonly clusterNetwork?: Ipv4Cidr;
  readonly nodes: Readonly<Record<string, RawNode>>;
  readonly namespaces?: Readonly<Record<string, RawNamespace>>;
  readonly pods?: Readonly<Record<string, RawPod>>;
}

const role: z.ZodType<'master' | 'worker'> = z.enum(['master', 'worker']);

const nodeSchema: z.ZodType<RawNode> = z
  .strictObject({
    role: role.prefault('worker'),
    address: interfaceAddress.describe("The primary address, on the cluster's segment"),
    interface: interfaceName.prefault(DEFAULT_NODE_INTERFACE).describe('The primary interface'),
    subnet: network.exactOptional().describe('Pod addresses; the next free /23 when left out'),
    egressCIDRs: z
      .array(egressCidr)
      .exactOptional()
      .describe('Where egress IPs may be placed automatically'),
    egressIPs: z
      .array(egressIp)
      .exactOptional()
      .describe('Egress IPs that the node hosts at the start'),
    interfaces: interfacesSchema.exactOptional().describe('More interfaces (a multi-homed node)'),
    ...interfaceExtrasShape,
    ...machineShape,
  })
  .meta({ id: 'node', description: 'A node; link properties are those of its primary interface' });

/** netid.go: 0 is global, up to 9 reserved, 24 bits in all. */
const FIRST_NETID = 10;

const namespaceSchema: z.ZodType<RawNamespace> = z
  .strictObject({
    netid: integer(0, MAXIMUM_VNI, 'a VNID')
      .exactOptional()
      .describe('The next free one from 10 when left out'),
    egressIPs: z.array(egressIp).exactOptional().describe('NetNamespace.egressIPs at the start'),
  })
  .meta({ id: 'namespace' });

export const clusterSchema: z.ZodType<RawCluster> = z
  .strictObject({
    sdn: sdnSchema,
    segment: z
      .string({ error: 'expected the name of a segment' })
      .describe('Where the primary interfaces are'),
    clusterNetwork: network
      .exactOptional()
      .describe('All pod addresses; the smallest network that holds the subnets when left out'),
    nodes: mapping(objectName, nodeSchema),
    namespaces: mapping(objectName, namespaceSchema).exactOptional(),
    pods: mapping(objectName, podSchema).exactOptional(),
  })
  .meta({ id: 'cluster', description: 'An OpenShift cluster' });

/** What of a node needs its MAC first, for the fixed ones must all be known before one is derived. */
export function fixedMacs(raw: RawCluster): MacAddress[] {
  return Object.values(raw.nodes).flatMap(({ mac, interfaces }) => [
    ...(mac === undefined ? [] : [mac]),
    ...Object.values(interfaces ?? {}).flatMap((own) => own.mac ?? []),
  ]);
}

export function normalizeCluster(
  context: Context,
  macs: DerivedMacs,
  raw: RawCluster,
  path: Path,
): ClusterSpec {
  const nodesPath = [...path, 'nodes'];
  context.known(raw.segment, [...path, 'segment'], 'segment');
  reportMissingSubnet(context, raw.segment, path);
  const requests = Object.entries(raw.nodes).map(([node, { subnet }]) => ({
    node,
    given: subnet ?? null,
    path: [...nodesPath, node, 'subnet'],
  }));
  for (const { given, path: at } of requests) {
    if (given === null || given.prefixLength <= 29) continue;
    context.report(at, `${formatCidr(given)} is too small for pods`, 'use /29 or wider');
  }
  const { clusterNetwork, subnets } = assignPodSubnets(
    context,
    requests,
    raw.clusterNetwork ?? null,
    path,
  );
  const nodes = Object.entries(raw.nodes).flatMap(([name, node]) => {
    const subnet = subnets.get(name);
    const at = [...nodesPath, name];
    return subnet === undefined
      ? []
      : (normalizeNode(context, macs, name, node, raw.segment, subnet, at) ?? []);
  });
  return {
    position: context.position(path, 'key'),
    sdn: normalizeSdn(raw.sdn),
    segment: raw.segment,
    clusterNetwork,
    controller: nodes.find((node) => node.role === 'master')?.name ?? null,
    nodes,
    namespaces: normalizeNamespaces(context, raw.namespaces ?? {}, [...path, 'namespaces']),
    pods: normalizePods(context, raw.pods ?? {}, nodes, [...path, 'pods']),
  };
}

function reportMissingSubnet(context: Context, name: string, path: Path): void {
  const segment = context.segments.get(name);
  if (segment === undefined || segment.subnet !== null) return;
  const message = `segment "${name}" has no subnet, and nodes decide by it what is local`;
  context.report([...path, 'segment'], message, `give segment "${name}" a "subnet"`);
}

function normalizeNode(
  context: Context,
  macs: DerivedMacs,
  name: string,
  raw: RawNode,
  segment: string,
  subnet: Ipv4Cidr,
  path: Path,
): NodeSpec | null {
  const primary = context.declared.has('segment', segment)
    ? plug(context, raw.interface, segment, raw, placedAddresses(raw, path), path)
    : null;
  const extra = normalizeInterfaces(context, raw.interfaces ?? {}, [...path, 'interfaces']);
  if (extra.some((other) => other.name === raw.interface)) {
    const at = [...path, 'interfaces', raw.interface];
    const message = `"${raw.interface}" is already the primary interface`;
    context.report(at, message, 'choose another name', 'key');
  }
  const interfaces = primary === null ? extra : [primary, ...extra];
  const machine = normalizeMachine(
    context,
    macs,
    name,
    { ...raw, forwarding: true },
    interfaces,
    path,
  );
  const address = primary?.addresses[0];
  if (address === undefined) return null;
  return {
    name,
    position: context.position(path, 'key'),
    role: raw.role,
    machine,
    primaryInterface: raw.interface,
    address,
    subnet,
    egressCidrs: raw.egressCIDRs ?? [],
    egressIps: raw.egressIPs ?? [],
  };
}

function normalizeNamespaces(
  context: Context,
  raw: Readonly<Record<string, RawNamespace>>,
  path: Path,
): NamespaceSpec[] {
  const given = new Set(Object.values(raw).map(({ netid }) => netid));
  let next = FIRST_NETID;
  return Object.entries(raw).map(([name, namespace]) => {
    while (given.has(next)) next += 1;
    return {
      name,
      position: context.position([...path, name], 'key'),
      netid: namespace.netid ?? next++,
      egressIps: namespace.egressIPs ?? [],
    };
  });
}
