// A topology as a picture has it: boxes and the cables between them. Pure data; `mermaid.ts` and `dot.ts`
// write it down.

import type { AttachmentSpec } from '../topology/attachments/attachment.ts';
import type { MachineSpec } from '../topology/model.ts';
import type { Topology } from '../topology/topology.ts';
import { formatCidr, formatIpv4 } from '../wire/ipv4-address.ts';

/** What a box stands for; each has a shape of its own. */
export type GraphNodeKind = 'segment' | 'host' | 'node' | 'pod' | 'kernel';

/** A box. */
export interface GraphNode {
  /** Unique in the graph: 'n0', 'n1', ...; names may hold characters that no format allows in one. */
  readonly id: string;
  readonly kind: GraphNodeKind;
  /** The name, and below it what is worth knowing; plain text. */
  readonly lines: readonly string[];
}

/** A cable, or a pod's place on its node. */
export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  /** What stands at the line; empty for nothing. */
  readonly lines: readonly string[];
}

/** All boxes, in the order of the file, and all lines between them. */
export interface TopologyGraph {
  readonly title: string;
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/** What a topology looks like. */
export function topologyGraph(topology: Topology): TopologyGraph {
  const builder = new Builder();
  for (const { name, subnet } of topology.segments) {
    builder.add('segment', name, subnet === null ? [] : [formatCidr(subnet)]);
  }
  for (const host of topology.hosts) builder.addMachine('host', host, []);
  const { cluster } = topology;
  for (const { machine, role } of cluster?.nodes ?? []) {
    builder.addMachine('node', machine, [role]);
  }
  for (const { address, name, namespace, node } of cluster?.pods ?? []) {
    builder.add('pod', name, [namespace, formatIpv4(address.address)]);
    builder.connect(node, name, []);
  }
  for (const { a, b, name } of topology.links) {
    builder.connect(a, b, name === `${a}-${b}` ? [] : [name]);
  }
  for (const attachment of topology.attachments) builder.addAttachment(attachment);
  return { title: topology.name, nodes: builder.nodes, edges: builder.edges };
}

class Builder {
  readonly nodes: GraphNode[] = [];
  readonly edges: GraphEdge[] = [];
  /** By name; segments, hosts, nodes and pods never share one. */
  readonly #ids = new Map<string, string>();

  add(kind: GraphNodeKind, name: string, more: readonly string[]): void {
    const id = `n${this.nodes.length}`;
    this.#ids.set(name, id);
    this.nodes.push({ id, kind, lines: [name, ...more] });
  }

  addMachine(kind: GraphNodeKind, machine: MachineSpec, more: readonly string[]): void {
    this.add(kind, machine.name, more);
    for (const { addresses, name, segment } of machine.interfaces) {
      if (segment === null) continue;
      this.connect(machine.name, segment, [name, ...addresses.map(formatCidr)]);
    }
  }

  addAttachment(attachment: AttachmentSpec): void {
    const name = `kernel/${attachment.name}`;
    this.add('kernel', name, [attachment.kind]);
    const isCable = attachment.kind === 'tap' || attachment.kind === 'packet';
    if (isCable) this.connect(name, attachment.segment, []);
    else this.connect(name, attachment.host, [attachment.interface]);
  }

  connect(from: string, to: string, lines: readonly string[]): void {
    const [first, second] = [this.#ids.get(from), this.#ids.get(to)];
    if (first === undefined || second === undefined) return;
    this.edges.push({ from: first, to: second, lines });
  }
}
