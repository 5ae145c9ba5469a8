// The egress IP tracker (pkg/network/common/egressip.go): the controller and every sdn pod run one each
// on their own watch streams. It is a reducer: an event in, effects out, nothing else happens. What it
// decides depends on the order of events, as in the original; the rules R1-R9 and 3.2-3.4 below are
// those of the behavioral specification. Where the original iterates a map, this takes arrival order.

import { parseIpv4 } from '../../../wire/ipv4-address.ts';
import { type CloudNode, cloudError } from './cloud.ts';
import type { HostSubnetView } from './host-subnet-view.ts';
import type { MessageId } from './messages.ts';
import type { Profile } from './profile.ts';
import { activationError, type DebugLog, outcomeOf, sameOutcome } from './tracker-rules.ts';
import {
  type EgressIpRecord,
  type NamespaceRecord,
  type NodeRecord,
  type TrackerEffect,
  type TrackerState,
  UNLIMITED_CAPACITY,
} from './tracker-state.ts';

const NOTHING: readonly TrackerEffect[] = [];
const NONE: ReadonlySet<string> = new Set();

/** What a tracker is made with. */
export interface TrackerOptions {
  readonly profile: Profile;
  /** V4 lines are made only for `--v` 4 and above. */
  readonly verbosity?: number;
  /** By node name, on a cloud platform; null on bare metal. */
  readonly cloud?: ReadonlyMap<string, CloudNode> | null;
}

/** What objects of the API say about egress IPs, and what follows from it; acts on nothing. */
export class Tracker {
  readonly #profile: Profile;
  readonly #verbose: boolean;
  readonly #cloud: ReadonlyMap<string, CloudNode> | null;
  readonly #state: TrackerState = {
    nodesByUid: new Map(),
    nodesByIp: new Map(),
    namespaces: new Map(),
    egressIps: new Map(),
  };
  /** Kept only where a changed netid is noticed. */
  readonly #netids = new Map<string, number>();
  readonly #changedIps = new Set<EgressIpRecord>();
  readonly #changedNamespaces = new Set<NamespaceRecord>();
  #nodesWithCidrs = 0;
  #reallocate = false;
  #effects: TrackerEffect[] = [];
  readonly #note: DebugLog = (message, text) => this.#log(message, text);

  constructor(options: TrackerOptions) {
    this.#profile = options.profile;
    this.#verbose = (options.verbosity ?? 2) >= 4;
    this.#cloud = options.cloud ?? null;
  }

  /** For the allocator and the monitors; read only. */
  get state(): TrackerState {
    return this.#state;
  }

  /** A HostSubnet arrived on the watch: checked as the profile checks it, then `updateHostSubnet`. */
  receiveHostSubnet(view: HostSubnetView): readonly TrackerEffect[] {
    if (view.idle && view.error === null && !this.#state.nodesByUid.has(view.uid)) return NOTHING;
    if (this.#profile.validatesHostSubnets) {
      if (view.awaitsSubnet) return NOTHING;
      const node = this.#cloud?.get(view.name);
      const error = view.error ?? (node === undefined ? null : cloudError(view, node));
      if (error !== null) {
        const what = `(host: "${view.host}", ip: "${view.hostIp}", subnet: "${view.subnet}")`;
        this.#log(
          'invalid-hostsubnet',
          `Ignoring invalid HostSubnet ${view.name} ${what}: ${error}`,
        );
        return this.#take();
      }
    }
    return this.updateHostSubnet(view);
  }

  /** A HostSubnet was added or changed (R1-R3). */
  updateHostSubnet(view: HostSubnetView): readonly TrackerEffect[] {
    return this.#applyHostSubnet(view, view.egressIps, view.egressCidrs);
  }

  /** A HostSubnet was deleted: the same as both lists empty (R4). */
  deleteHostSubnet(view: HostSubnetView): readonly TrackerEffect[] {
    return this.#applyHostSubnet(view, new Set(), new Set());
  }

  /** A NetNamespace was added, changed or handed on again (R5). */
  updateNetNamespace(
    name: string,
    vnid: number,
    egressIps: readonly string[],
  ): readonly TrackerEffect[] {
    if (!this.#profile.quirks.has('stale-netid-request')) {
      const before = this.#netids.get(name);
      if (before !== undefined && before !== vnid) this.#applyNetNamespace(before, []);
      this.#netids.set(name, vnid);
    }
    this.#applyNetNamespace(vnid, egressIps);
    return this.#take();
  }

  /** A NetNamespace was deleted: the same as an empty list for its netid. */
  deleteNetNamespace(name: string, vnid: number): readonly TrackerEffect[] {
    this.#netids.delete(name);
    this.#applyNetNamespace(vnid, []);
    return this.#take();
  }

  /** A health monitor's verdict (R6). */
  setNodeOffline(nodeIp: string, offline: boolean): readonly TrackerEffect[] {
    const node = this.#state.nodesByIp.get(nodeIp);
    if (node === undefined) return NOTHING;
    node.offline = offline;
    for (const ip of node.requested) this.#touch(ip);
    if (node.cidrTexts.size > 0) this.#reallocate = true;
    this.#sync();
    return this.#take();
  }

  #applyHostSubnet(
    view: HostSubnetView,
    egressIps: ReadonlySet<string>,
    egressCidrs: ReadonlySet<string>,
  ): readonly TrackerEffect[] {
    const { nodesByUid, nodesByIp } = this.#state;
    const idle = egressIps.size === 0 && egressCidrs.size === 0;
    let node = nodesByUid.get(view.uid);
    if (node === undefined) {
      if (idle) return NOTHING;
      node = this.#addNode(view);
    } else if (idle) {
      // The record goes, and with it the offline flag.
      nodesByUid.delete(view.uid);
      nodesByIp.delete(node.nodeIp);
    }
    this.#setCidrs(node, view, egressCidrs);
    if (node.nodeIp !== view.hostIp) this.#renumber(node, view.hostIp, !idle);
    node.sdnIp = view.sdnIp;
    const before = node.requested;
    node.requested = egressIps;
    for (const ip of egressIps) if (!before.has(ip)) this.#addHost(node, ip);
    for (const ip of before) if (!egressIps.has(ip)) this.#removeHost(node, ip);
    this.#sync();
    return this.#take();
  }

  #addNode(view: HostSubnetView): NodeRecord {
    const node: NodeRecord = {
      uid: view.uid,
      name: view.host,
      nodeIp: view.hostIp,
      sdnIp: view.sdnIp,
      requested: NONE,
      cidrTexts: NONE,
      cidrs: [],
      offline: false,
      capacity: this.#cloud?.get(view.name)?.capacity ?? UNLIMITED_CAPACITY,
    };
    this.#state.nodesByUid.set(view.uid, node);
    this.#state.nodesByIp.set(view.hostIp, node);
    return node;
  }

  #setCidrs(node: NodeRecord, view: HostSubnetView, texts: ReadonlySet<string>): void {
    const before = node.cidrTexts;
    if (before.size === texts.size && [...texts].every((text) => before.has(text))) return;
    if (texts.size === 0) this.#nodesWithCidrs--;
    else if (before.size === 0) this.#nodesWithCidrs++;
    node.cidrTexts = texts;
    node.cidrs = texts.size === 0 ? [] : view.cidrs;
    this.#reallocate = true;
  }

  /** R3: released under the old address, then claimed under the new one. */
  #renumber(node: NodeRecord, nodeIp: string, stays: boolean): void {
    const { nodesByIp, egressIps } = this.#state;
    const active = [...node.requested].filter(
      (ip) => egressIps.get(ip)?.assignedNodeIp === node.nodeIp,
    );
    for (const ip of active) this.#removeHost(node, ip);
    this.#sync();
    if (nodesByIp.get(node.nodeIp) === node) nodesByIp.delete(node.nodeIp);
    node.nodeIp = nodeIp;
    if (stays) nodesByIp.set(nodeIp, node);
    for (const ip of active) this.#addHost(node, ip);
  }

  #applyNetNamespace(vnid: number, requested: readonly string[]): void {
    const { namespaces } = this.#state;
    let namespace = namespaces.get(vnid);
    if (namespace === undefined) {
      if (requested.length === 0) return;
      namespace = { vnid, requested: [], outcome: null };
      namespaces.set(vnid, namespace);
    } else if (requested.length === 0) {
      namespaces.delete(vnid);
    }
    const before = new Set(namespace.requested);
    const after = new Set(requested);
    namespace.requested = requested;
    for (const ip of after) if (!before.has(ip)) this.#addRequester(namespace, ip);
    for (const ip of before) if (!after.has(ip)) this.#removeRequester(namespace, ip);
    for (const ip of after) if (before.has(ip)) this.#touch(ip);
    this.#sync();
  }

  #record(ip: string): EgressIpRecord {
    let record = this.#state.egressIps.get(ip);
    if (record === undefined) {
      record = { ip, address: parseIpv4(ip), nodes: [], namespaces: [], assignedNodeIp: null };
      this.#state.egressIps.set(ip, record);
    }
    return record;
  }

  /** R7: a changed IP takes along the namespaces that request it at that moment, not their other IPs. */
  #mark(record: EgressIpRecord): void {
    this.#changedIps.add(record);
    const siblingsToo = !this.#profile.quirks.has('history-dependent-activation');
    for (const namespace of record.namespaces) {
      this.#changedNamespaces.add(namespace);
      if (!siblingsToo) continue;
      for (const ip of namespace.requested) {
        const sibling = this.#state.egressIps.get(ip);
        if (sibling !== undefined) this.#changedIps.add(sibling);
      }
    }
  }

  #touch(ip: string): void {
    const record = this.#state.egressIps.get(ip);
    if (record !== undefined) this.#mark(record);
  }

  #addHost(node: NodeRecord, ip: string): void {
    const record = this.#record(ip);
    record.nodes.push(node);
    this.#mark(record);
  }

  #removeHost(node: NodeRecord, ip: string): void {
    const record = this.#state.egressIps.get(ip);
    const at = record?.nodes.indexOf(node) ?? -1;
    if (record === undefined || at < 0) return;
    this.#mark(record);
    record.nodes.splice(at, 1);
  }

  #addRequester(namespace: NamespaceRecord, ip: string): void {
    const record = this.#record(ip);
    record.namespaces.push(namespace);
    this.#mark(record);
  }

  #removeRequester(namespace: NamespaceRecord, ip: string): void {
    const record = this.#state.egressIps.get(ip);
    const at = record?.namespaces.indexOf(namespace) ?? -1;
    if (record === undefined || at < 0) return;
    this.#mark(record);
    record.namespaces.splice(at, 1);
  }

  /** R8: IPs, then namespaces, then forget what no object mentions, then at most one notification. */
  #sync(): void {
    for (const record of this.#changedIps) this.#syncEgressIp(record);
    for (const namespace of this.#changedNamespaces) this.#syncNamespace(namespace);
    for (const { ip, nodes, namespaces } of this.#changedIps) {
      if (nodes.length === 0 && namespaces.length === 0) this.#state.egressIps.delete(ip);
    }
    this.#changedIps.clear();
    this.#changedNamespaces.clear();
    if (this.#reallocate && this.#nodesWithCidrs > 0) this.#effects.push({ kind: 'reallocate' });
    this.#reallocate = false;
  }

  #syncEgressIp(record: EgressIpRecord): void {
    const error = activationError(record, this.#state);
    if (typeof error === 'string') this.#log('tracker-error', error);
    const node = record.nodes[0];
    const namespace = record.namespaces[0];
    if (error === null && node !== undefined && namespace !== undefined) {
      if (record.assignedNodeIp !== node.nodeIp) this.#claim(record, node, namespace.vnid);
    } else if (record.assignedNodeIp !== null) {
      this.#release(record, record.assignedNodeIp);
    }
    if (record.assignedNodeIp === null) this.#reallocate = true;
  }

  #claim(record: EgressIpRecord, node: NodeRecord, vnid: number): void {
    record.assignedNodeIp = node.nodeIp;
    const { nodeIp, sdnIp, offline: nodeOffline } = node;
    if (this.#verbose) this.#log('assigning', `Assigning egress IP ${record.ip} to node ${nodeIp}`);
    this.#effects.push({ kind: 'claim', vnid, egressIp: record.ip, nodeIp, sdnIp, nodeOffline });
  }

  #release(record: EgressIpRecord, nodeIp: string): void {
    record.assignedNodeIp = null;
    if (this.#verbose) this.#log('removing', `Removing egress IP ${record.ip} from node ${nodeIp}`);
    this.#effects.push({ kind: 'release', egressIp: record.ip, nodeIp });
  }

  #syncNamespace(namespace: NamespaceRecord): void {
    const note = this.#verbose ? this.#note : null;
    const outcome = outcomeOf(namespace, this.#state, this.#profile, note);
    const before = namespace.outcome;
    const same =
      before === null ? outcome.kind === 'normal' : sameOutcome(before, outcome, this.#profile);
    if (same) return;
    namespace.outcome = outcome;
    this.#effects.push({ kind: 'namespace', vnid: namespace.vnid, outcome });
  }

  #log(message: MessageId, text: string): void {
    this.#effects.push({ kind: 'log', entry: { message, text } });
  }

  #take(): readonly TrackerEffect[] {
    if (this.#effects.length === 0) return NOTHING;
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }
}
