// The egress IP part of ovnkube-controller: from EgressIPs, namespaces, pods and nodes to the rows of its own
// zone (ovn/egressip.go). The object that comes first serves a pod, others wait. It has no clock: whoever
// runs it decides how far apart the two halves of a change are.

import type { Namespace } from '../../../../kube/kinds/namespace.ts';
import type { Node } from '../../../../kube/kinds/node.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { Pod } from '../../../../kube/kinds/pod.ts';
import type { Random } from '../../../../sim/random.ts';
import type { EgressIp, EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import { familyOf, type NorthboundDatabase } from '../../northbound.ts';
import type { Profile } from '../../profile.ts';
import type { QuirkName } from '../../quirks.ts';
import { markOf } from '../allocator/marks.ts';
import { MARK_ANNOTATION } from '../annotations.ts';
import type { Voice } from '../sink.ts';
import { itemKey, PodState } from './pod-state.ts';
import { isEligible, type PodView, viewPod } from './pod-view.ts';
import type { Zone } from './rows.ts';
import { selectorsProblem, selects } from './selectors.ts';
import { viewNode, type ZoneNode } from './zone-nodes.ts';
import { ZoneWriter } from './zone-writer.ts';

const FILE = 'egressip.go';

/** What the controller of a zone is made with. */
export interface ZoneControllerOptions {
  readonly profile: Profile;
  readonly database: NorthboundDatabase;
  /** Whether a node belongs to this zone: one node, or all of them in a central database. */
  readonly isLocal: (node: string) => boolean;
  readonly clusterSubnets: readonly string[];
  /** `disable-snat-multiple-gws`: each pod has a SNAT row to the address of its node. */
  readonly podSnat: boolean;
  readonly random: Random;
  readonly voice: Voice;
  /** The primary user-defined network of a namespace; null for the default network. */
  readonly networkOf?: (namespace: string) => string | null;
}

/** Everything that a zone is started with. */
export interface ZoneObjects {
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly egressIps: readonly EgressIp[];
}

/** Decides about the rows of one zone. */
export class ZoneController {
  readonly #options: ZoneControllerOptions;
  readonly #zone: Zone;
  readonly #nodes = new Map<string, ZoneNode>();
  readonly #namespaces = new Map<string, TextMap>();
  readonly #pods = new Map<string, PodView>();
  readonly #byNamespace = new Map<string, Set<string>>();
  readonly #egressIps = new Map<string, EgressIp>();
  readonly #states = new Map<string, PodState>();
  readonly #writer: ZoneWriter;

  constructor(options: ZoneControllerOptions) {
    this.#options = options;
    this.#zone = {
      profile: options.profile,
      isLocal: options.isLocal,
      node: (name) => this.#nodes.get(name) ?? null,
    };
    this.#writer = new ZoneWriter({
      ...options,
      zone: this.#zone,
      nodes: this.#nodes,
      pods: this.#pods,
    });
  }

  /** By pod: who serves it and who waits; for inspection. */
  get states(): ReadonlyMap<string, PodState> {
    return this.#states;
  }

  get egressIps(): ReadonlyMap<string, EgressIp> {
    return this.#egressIps;
  }

  /** Labels by namespace. */
  get namespaces(): ReadonlyMap<string, TextMap> {
    return this.#namespaces;
  }

  get nodes(): ReadonlyMap<string, ZoneNode> {
    return this.#nodes;
  }

  get pods(): ReadonlyMap<string, PodView> {
    return this.#pods;
  }

  /** Reads everything, and makes the database say it: what an earlier run left is kept where it is right. */
  start({ nodes, namespaces, pods, egressIps }: ZoneObjects): void {
    const { database, random } = this.#options;
    for (const node of nodes) this.#nodes.set(node.metadata.name, viewNode(node));
    for (const { metadata } of namespaces)
      this.#namespaces.set(metadata.name, metadata.labels ?? {});
    for (const pod of pods) this.#learnPod(viewPod(pod));
    for (const object of egressIps) this.#egressIps.set(object.metadata.name, object);
    database.transact(() => this.#writer.writeZone());
    if (this.#has('ovnk-config-flap'))
      database.transact(() => this.#writer.removeLeftOver(new Set()));
    const former = this.#writer.formerServers();
    const lost = this.#writer.formerNats();
    database.transact(() => {
      // Objects that served before the restart go first.
      const isFormer = ({ metadata }: EgressIp): number => (former.has(metadata.name) ? 0 : 1);
      const all = random.shuffle(egressIps).sort((a, b) => isFormer(a) - isFormer(b));
      for (const [pod, object] of this.#writer.formerByPod()) {
        const known = this.#egressIps.get(object);
        const view = this.#pods.get(pod);
        if (known !== undefined && view !== undefined && this.#matches(known, view, true)) {
          this.#addPod(known, view);
        }
      }
      for (const object of all) this.joinEgressIp(object);
      if (this.#has('ovnk-sync-removes-valid')) this.#forgetNats(lost);
      if (!this.#has('ovnk-stale-binding')) this.#writer.removeLeftOver(this.#writer.wantedKeys());
    });
  }

  /** Takes a node into the view, before anything is started. */
  learnNode(node: Node): void {
    this.#nodes.set(node.metadata.name, viewNode(node));
  }

  /** Whether a NAT row of an egress IP stands for a pod. */
  hasEgressRow(pod: string): boolean {
    return this.#writer.written(pod).some(([table]) => table === 'nat');
  }

  setNode(node: Node): void {
    const view = viewNode(node);
    this.#nodes.set(view.name, view);
    this.#options.database.transact(() => {
      this.#writer.writeZone();
      for (const state of this.#states.values()) {
        if ([...state.items.values()].some((item) => item.node === view.name))
          this.#writer.writePod(state);
      }
    });
  }

  deleteNode(name: string): void {
    this.#nodes.delete(name);
    this.#options.database.transact(() => this.#writer.writeZone());
  }

  setNamespace({ metadata: { name, labels } }: Namespace): void {
    this.#namespaces.set(name, labels ?? {});
    for (const key of this.#byNamespace.get(name) ?? []) {
      const pod = this.#pods.get(key);
      if (pod !== undefined) this.#reconsider(pod);
    }
  }

  deleteNamespace(name: string): void {
    this.#namespaces.delete(name);
  }

  setPod(pod: Pod): void {
    const view = viewPod(pod);
    const before = this.#pods.get(view.key);
    this.#learnPod(view);
    if (!isEligible(view)) {
      if (before !== undefined && isEligible(before)) this.#dropPod(view.key, true);
      return;
    }
    const state = this.#states.get(view.key);
    const isMoved =
      state !== undefined && (state.node !== view.node || state.ips.join() !== view.ips.join());
    if (isMoved && !this.#has('ovnk-statefulset-stale')) this.#dropPod(view.key, true);
    this.#reconsider(view);
  }

  deletePod(key: string): void {
    const view = this.#pods.get(key);
    this.#pods.delete(key);
    if (view !== undefined) this.#byNamespace.get(view.namespace)?.delete(key);
    this.#dropPod(key, true);
  }

  /** Takes a pod out of the view without its rows: its clean-up failed. */
  losePod(key: string): void {
    this.#pods.delete(key);
  }

  /**
   * The first half of a change: items that are gone, pods that are selected no more. Says what is wrong with
   * a selector that is none: then nothing is configured.
   */
  leaveEgressIp(object: EgressIp): string | null {
    const problem = selectorsProblem(object);
    if (problem !== null) return problem;
    const { name } = object.metadata;
    this.#egressIps.set(name, object);
    const kept = new Set((object.status?.items ?? []).map(itemKey));
    for (const state of [...this.#states.values()]) {
      if (state.serving !== name && !state.standby.has(name)) continue;
      const pod = this.#pods.get(state.key);
      const isSelected = pod !== undefined && this.#matches(object, pod, true);
      const gone = [...state.items.values()].filter(
        (item) => !isSelected || !kept.has(itemKey(item)),
      );
      if (state.serving === name) this.#removeItems(state, gone);
      else if (!isSelected || kept.size === 0) state.standby.delete(name);
    }
    return null;
  }

  /** The second half: items that are new, pods that are selected now. */
  joinEgressIp(object: EgressIp): void {
    if (selectorsProblem(object) !== null) return;
    this.#egressIps.set(object.metadata.name, object);
    // Few namespaces match, and a large cluster has many pods in the others.
    for (const [namespace, keys] of this.#byNamespace) {
      const labels = this.#namespaces.get(namespace);
      if (labels === undefined || !selects(object.spec.namespaceSelector, labels)) continue;
      for (const key of keys) {
        const pod = this.#pods.get(key);
        if (pod !== undefined && this.#matches(object, pod, true)) this.#addPod(object, pod);
      }
    }
  }

  deleteEgressIp(name: string): void {
    this.#egressIps.delete(name);
    for (const state of [...this.#states.values()]) {
      state.standby.delete(name);
      if (state.serving === name) this.#removeItems(state, [...state.items.values()]);
    }
  }

  #has(quirk: QuirkName): boolean {
    return this.#options.profile.quirks.has(quirk);
  }

  #learnPod(view: PodView): void {
    this.#pods.set(view.key, view);
    const there = this.#byNamespace.get(view.namespace) ?? new Set();
    this.#byNamespace.set(view.namespace, there.add(view.key));
  }

  /** A namespace without labels is matched by events of objects only. */
  #matches({ spec }: EgressIp, pod: PodView, isObjectEvent: boolean): boolean {
    const labels = this.#namespaces.get(pod.namespace);
    if (labels === undefined || !isEligible(pod)) return false;
    if (!isObjectEvent && Object.keys(labels).length === 0) return false;
    return selects(spec.namespaceSelector, labels) && selects(spec.podSelector ?? {}, pod.labels);
  }

  /** Labels of a pod, or of its namespace, have changed: leaves objects first, then joins others. */
  #reconsider(pod: PodView): void {
    const matching: EgressIp[] = [];
    const others: EgressIp[] = [];
    for (const object of this.#egressIps.values()) {
      if (selectorsProblem(object) !== null) continue;
      (this.#matches(object, pod, false) ? matching : others).push(object);
    }
    const isForgetful = this.#has('ovnk-standby-forgotten');
    if (isForgetful) for (const object of matching) this.#addPod(object, pod);
    const state = this.#states.get(pod.key);
    for (const { metadata } of state === undefined ? [] : others) {
      if (state?.serving === metadata.name) {
        this.#removeItems(state, [...state.items.values()], !isForgetful);
      } else state?.standby.delete(metadata.name);
    }
    if (!isForgetful) for (const object of matching) this.#addPod(object, pod);
  }

  #addPod({ metadata, status }: EgressIp, pod: PodView): void {
    const { profile, voice } = this.#options;
    const items = status?.items ?? [];
    const { name } = metadata;
    const podText = `${pod.namespace}_${pod.name}`;
    if (items.length === 0 || pod.node === null || pod.ips.length === 0) return;
    const known = this.#states.get(pod.key);
    const network = this.#options.networkOf?.(pod.namespace) ?? null;
    const state = known ?? new PodState(pod.key, pod.node, pod.ips, network);
    if (known === undefined) this.#states.set(pod.key, state);
    if (state.serving !== null && state.serving !== name) {
      if (!profile.standbyObjects || state.standby.has(name)) return;
      const text = `EgressIP object ${name} will not be configured for pod ${podText} since another egressIP object ${state.serving} is serving it`;
      voice.log('W', `${FILE}:993`, text);
      voice.event(name, { reason: 'UndefinedRequest', message: `${text}, this is undefined` });
      state.standby.add(name);
      return;
    }
    state.serving = name;
    state.standby.delete(name);
    state.mark = markOf(metadata.annotations?.[MARK_ANNOTATION] ?? '');
    const fresh = items.filter((item) => !state.items.has(itemKey(item)));
    for (const item of fresh) {
      voice.log(
        'I',
        `${FILE}:1019`,
        `Adding pod egress IP status: {${item.node} ${item.egressIP}} for EgressIP: ${name} and pod: ${pod.key}/[${pod.ips.join(' ')}]`,
        2,
      );
      state.items.set(itemKey(item), item);
    }
    this.#writer.writePod(state);
  }

  /** Takes items from a pod; with the last one the next object takes over. */
  #removeItems(state: PodState, items: readonly EgressIpStatusItem[], promotes = true): void {
    const { voice } = this.#options;
    if (items.length === 0) return;
    const name = state.serving;
    for (const item of items) {
      const text = `{${item.node} ${item.egressIP}} for EgressIP: ${name} and pod: ${state.key}`;
      voice.log('I', `${FILE}:1133`, `Deleting pod egress IP status: ${text}`, 2);
      this.#keepStale(state, item);
      state.items.delete(itemKey(item));
    }
    if (this.#has('ovnk-edit-drops-sibling')) {
      for (const key of state.items.keys()) state.lostNats.add(key);
    }
    const isGone = state.items.size === 0;
    this.#writer.writePod(state, this.#has('ovnk-stale-snat'));
    for (const { node } of items) this.#writer.restoreNodeSnat(state, node);
    if (!isGone) return;
    state.serving = null;
    state.staleHops.clear();
    if (state.standby.size > 0) {
      voice.log(
        'I',
        `${FILE}:1159`,
        `Pod ${state.key.replace('/', '_')} has standby egress IP [${[...state.standby].join(' ')}]`,
        2,
      );
      if (promotes) this.#promote(state);
    }
    if (state.serving === null && (state.standby.size === 0 || !promotes)) {
      this.#states.delete(state.key);
      this.#writer.setServed(state, false);
    }
  }

  /** B11: the next hop of a node that is gone cannot be computed any more, so it stays. */
  #keepStale(state: PodState, item: EgressIpStatusItem): void {
    if (!this.#has('ovnk-stale-nexthop') || this.#nodes.has(item.node)) return;
    const family = familyOf(item.egressIP);
    for (const [table, key] of this.#writer.written(state.key)) {
      const row = table === 'policy' ? this.#options.database.policy(key) : null;
      for (const hop of row?.nexthops ?? []) {
        if (familyOf(hop) === family && !this.#isKnownHop(hop)) state.staleHops.add(hop);
      }
    }
  }

  #isKnownHop(hop: string): boolean {
    for (const { join, management, transit } of this.#nodes.values()) {
      if (join.includes(hop) || transit.includes(hop) || management.includes(hop)) return true;
    }
    return false;
  }

  #promote(state: PodState): void {
    const pod = this.#pods.get(state.key);
    for (const name of this.#options.random.shuffle([...state.standby])) {
      const object = this.#egressIps.get(name);
      if (object === undefined || pod === undefined || (object.status?.items.length ?? 0) === 0)
        continue;
      state.standby.delete(name);
      this.#addPod(object, pod);
      return;
    }
  }

  /** Takes all rows of a pod out; that to its node's address does not come back for a pod that is gone. */
  #dropPod(key: string, isGone: boolean): void {
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#states.delete(key);
    state.items.clear();
    this.#options.database.transact(() => {
      this.#writer.writePod(state);
      this.#writer.setServed(state, false);
      if (!isGone) this.#writer.restoreNodeSnat(state, state.node);
    });
  }

  /** B27: rows that stood before the start are taken for left-overs. */
  #forgetNats(keys: ReadonlySet<string>): void {
    for (const state of this.#states.values()) {
      const written = this.#writer.written(state.key);
      if (!written.some(([table, key]) => table === 'nat' && keys.has(key))) continue;
      for (const key of state.items.keys()) state.lostNats.add(key);
      this.#writer.writePod(state);
    }
  }
}
