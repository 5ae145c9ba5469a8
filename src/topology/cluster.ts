// `cluster:`: the nodes, namespaces and pods of a Kubernetes cluster, and which fabric joins them.

import { z } from 'zod';
import { type Labels, metadataShape } from '../schema/labels.ts';
import type { Path } from '../schema/position.ts';
import { mapping, network, objectName } from '../schema/values.ts';
import { formatCidr, type Ipv4Cidr } from '../wire/ipv4-address.ts';
import type { MacAddress } from '../wire/mac-address.ts';
import type { Context } from './context.ts';
import type { DerivedMacs } from './derived-mac.ts';
import { type Dialect, perDialect, sectionShape } from './dialect.ts';
import { fabricSchema, namedFabric, type RawFabric } from './fabric.ts';
import type { ClusterSpec, NamespaceSpec } from './model.ts';
import { nodeSchema, normalizeNode, type RawNode } from './nodes.ts';
import { assignPodSubnets, type PodSubnets } from './pod-subnets.ts';
import { normalizePods, podSchema, type RawPod } from './pods.ts';

interface RawNamespace {
  readonly labels?: Labels;
  readonly annotations?: Labels;
}

/** `cluster:` as it is written. */
export interface RawCluster {
  readonly fabric?: RawFabric;
  readonly sdn?: RawFabric;
  readonly segment: string;
  readonly clusterNetwork?: Ipv4Cidr;
  readonly nodes: Readonly<Record<string, RawNode>>;
  readonly namespaces?: Readonly<Record<string, RawNamespace>>;
  readonly pods?: Readonly<Record<string, RawPod>>;
}

function namespaceSchema(dialect: Dialect): z.ZodType<RawNamespace> {
  return z
    .strictObject({ ...sectionShape(dialect, 'namespace'), ...metadataShape })
    .meta({ id: 'namespace' });
}

/** The whole section, with the keys of the fabrics. */
export const clusterSchema: (dialect: Dialect) => z.ZodType<RawCluster> = perDialect((dialect) => {
  const fabric = fabricSchema(dialect);
  return z
    .strictObject({
      fabric: fabric.exactOptional().describe('The cluster network, by its name'),
      sdn: fabric.exactOptional().describe('The older name of "fabric"'),
      segment: z
        .string({ error: 'expected the name of a segment' })
        .describe('Where the primary interfaces are'),
      clusterNetwork: network
        .exactOptional()
        .describe('All pod addresses; the smallest network that holds the subnets when left out'),
      ...sectionShape(dialect, 'cluster'),
      nodes: mapping(objectName, nodeSchema(dialect)),
      namespaces: mapping(objectName, namespaceSchema(dialect)).exactOptional(),
      pods: mapping(objectName, podSchema(dialect)).exactOptional(),
    })
    .meta({ id: 'cluster', description: 'A Kubernetes cluster' });
});

/** What of a node needs its MAC first, for the fixed ones must all be known before one is derived. */
export function fixedMacs(raw: RawCluster): MacAddress[] {
  return Object.values(raw.nodes).flatMap(({ mac, interfaces }) => [
    ...(mac === undefined ? [] : [mac]),
    ...Object.values(interfaces ?? {}).flatMap((own) => own.mac ?? []),
  ]);
}

/** Resolves names, allocates subnets and addresses; reports what does not fit together. */
export function normalizeCluster(
  context: Context,
  macs: DerivedMacs,
  raw: RawCluster,
  path: Path,
): ClusterSpec {
  const nodesPath = [...path, 'nodes'];
  const { fabric, options } = namedFabric(context, raw, path);
  context.known(raw.segment, [...path, 'segment'], 'segment');
  reportMissingSubnet(context, raw.segment, path);
  const { clusterNetwork, subnets } = podSubnets(context, raw, path);
  const nodes = Object.entries(raw.nodes).flatMap(([name, node]) => {
    const subnet = subnets.get(name);
    const at = [...nodesPath, name];
    return subnet === undefined
      ? []
      : (normalizeNode(context, macs, name, node, raw.segment, subnet, at) ?? []);
  });
  const { nodeAddresses } = fabric.section;
  const given = {
    options,
    cluster: raw,
    nodes: raw.nodes,
    namespaces: raw.namespaces ?? {},
    pods: raw.pods ?? {},
  };
  return {
    position: context.position(path, 'key'),
    fabric: { kind: fabric.kind, settings: fabric.section.normalize(context, given, path) },
    segment: raw.segment,
    clusterNetwork,
    controller: nodes.find((node) => node.role === 'master')?.name ?? null,
    nodes,
    namespaces: normalizeNamespaces(context, raw.namespaces ?? {}, [...path, 'namespaces']),
    pods: normalizePods(context, raw.pods ?? {}, nodes, nodeAddresses, [...path, 'pods']),
  };
}

function podSubnets(context: Context, raw: RawCluster, path: Path): PodSubnets {
  const requests = Object.entries(raw.nodes).map(([node, { subnet }]) => ({
    node,
    given: subnet ?? null,
    path: [...path, 'nodes', node, 'subnet'],
  }));
  for (const { given, path: at } of requests) {
    if (given === null || given.prefixLength <= 29) continue;
    context.report(at, `${formatCidr(given)} is too small for pods`, 'use /29 or wider');
  }
  return assignPodSubnets(context, requests, raw.clusterNetwork ?? null, path);
}

function reportMissingSubnet(context: Context, name: string, path: Path): void {
  const segment = context.segments.get(name);
  if (segment === undefined || segment.subnet !== null) return;
  const message = `segment "${name}" has no subnet, and nodes decide by it what is local`;
  context.report([...path, 'segment'], message, `give segment "${name}" a "subnet"`);
}

function normalizeNamespaces(
  context: Context,
  raw: Readonly<Record<string, RawNamespace>>,
  path: Path,
): NamespaceSpec[] {
  return Object.entries(raw).map(([name, { labels = {}, annotations = {} }]) => {
    return { name, position: context.position([...path, name], 'key'), labels, annotations };
  });
}
