// What a tracker concludes from its tables: whether an egress IP is active (3.2 of the specification)
// and what becomes of a namespace (3.3). Pure functions; tracker.ts decides when they are asked.

import type { MessageId } from './messages.ts';
import type { Profile } from './profile.ts';
import {
  type Assignment,
  DROPPED,
  type EgressIpRecord,
  type NamespaceOutcome,
  type NamespaceRecord,
  NORMAL,
  type TrackerState,
} from './tracker-state.ts';

/** Takes a V4 line; null where it would not be read. */
export type DebugLog = (message: MessageId, text: string) => void;

/** 3.2: null when the IP is active, true when it is silently not, or the complaint. The first rule that fails decides; an offline node keeps its IPs. */
export function activationError(record: EgressIpRecord, state: TrackerState): string | true | null {
  const { ip, nodes, namespaces } = record;
  const [node, otherNode] = nodes;
  const [namespace, otherNamespace] = namespaces;
  if (node === undefined || namespace === undefined) return true;
  if (otherNode !== undefined) {
    return `Multiple nodes (${node.nodeIp}, ${otherNode.nodeIp}) claiming EgressIP ${ip}`;
  }
  if (otherNamespace !== undefined) {
    return `Multiple namespaces (${namespace.vnid}, ${otherNamespace.vnid}) claiming EgressIP ${ip}`;
  }
  for (const sibling of namespace.requested) {
    const other = state.egressIps.get(sibling);
    if (other === undefined || other === record || other.nodes.length !== 1) continue;
    if (other.nodes[0] === node) {
      return `Multiple EgressIPs (${ip}, ${sibling}) for VNID ${namespace.vnid} on node ${node.nodeIp}`;
    }
  }
  return null;
}

/** 3.3: one IP that several namespaces request drops them all; otherwise what is usable is used. */
export function outcomeOf(
  namespace: NamespaceRecord,
  state: TrackerState,
  profile: Profile,
  note: DebugLog | null,
): NamespaceOutcome {
  const { vnid, requested } = namespace;
  if (requested.length === 0) return NORMAL;
  const firstOnly = profile.namespaceUses === 'first-usable';
  const usable: Assignment[] = [];
  for (const ip of requested) {
    const record = state.egressIps.get(ip);
    if (record === undefined) continue;
    if (record.namespaces.length > 1) {
      note?.(
        'multiply-assigned',
        `VNID ${vnid} gets no egress due to multiply-assigned egress IP ${ip}`,
      );
      return DROPPED;
    }
    if (firstOnly && usable.length > 0) continue;
    const nodeIp = usableNodeIp(record, namespace, profile, note);
    if (nodeIp !== null) usable.push({ egressIp: ip, nodeIp });
  }
  return usable.length === 0 ? DROPPED : { kind: 'via', assignments: usable };
}

/** Where the namespace may leave by this IP; null when it may not. */
function usableNodeIp(
  { assignedNodeIp, ip, nodes }: EgressIpRecord,
  { vnid, requested }: NamespaceRecord,
  { quirks }: Profile,
  note: DebugLog | null,
): string | null {
  const [node] = nodes;
  if (assignedNodeIp === null || node === undefined) {
    note?.('unassigned', `VNID ${vnid} cannot use unassigned egress IP ${ip}`);
    return null;
  }
  const ignored = requested.length === 1 && quirks.has('single-ip-ignores-offline');
  if (!node.offline || ignored) return assignedNodeIp;
  note?.('offline-node', `VNID ${vnid} cannot use egress IP ${ip} on offline node ${node.nodeIp}`);
  return null;
}

/** 4.3 compares the one IP and not its node; HEAD compares the set and not its order. */
export function sameOutcome(a: NamespaceOutcome, b: NamespaceOutcome, profile: Profile): boolean {
  if (a.kind !== 'via' || b.kind !== 'via') return a.kind === b.kind;
  if (profile.namespaceUses === 'first-usable') {
    return a.assignments[0]?.egressIp === b.assignments[0]?.egressIp;
  }
  return (
    a.assignments.length === b.assignments.length &&
    b.assignments.every(({ egressIp, nodeIp }) =>
      a.assignments.some((other) => other.egressIp === egressIp && other.nodeIp === nodeIp),
    )
  );
}
