// The egress IP part of ovnkube-controller: from EgressIPs, namespaces, pods and nodes to the rows of its own
// zone (ovn/egressip.go). The object that comes first serves a pod, others wait. It has no clock: whoever
// runs it decides how far apart the two halves of a change are.

import type { Namespace } from '../../../../kube/kinds/namespace.ts';
import type { Node } from '../../../../kube/kinds/node.ts';
import type { Pod } from '../../../../kube/kinds/pod.ts';
import type { Random } from '../../../../sim/random.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import type { NorthboundDatabase } from '../../northbound.ts';
import type { Profile } from '../../profile.ts';
import type { QuirkName } from '../../quirks.ts';
import type { Voice } from '../sink.ts';
import { ClusterView, isPlaced, type ZoneObjects } from '../view/cluster-view.ts';
import { PodAssignments } from './pod-assignments.ts';
import { isHosting, PodEvents, type Seen } from './pod-events.ts';
import { itemKey, type PodState } from './pod-state.ts';
import type { Zone } from './rows.ts';
import { ZoneWriter } from './zone-writer.ts';

/** What the controller of a zone is made with. */
export interface ZoneControllerOptions {
  readonly profile: Profile;
  readonly database: NorthboundDatabase;
  /** The node that is the zone; null: all of them, in a central database. */
  readonly node: string | null;
  readonly clusterSubnets: readonly string[];
  /** `disable-snat-multiple-gws`: each pod has a SNAT row to the address of its node. */
  readonly podSnat: boolean;
  readonly random: Random;
  readonly voice: Voice;
  /** The primary user-defined network of a namespace; null for the default network. */
  readonly networkOf?: (namespace: string) => string | null;
}

/** What has changed in a zone. */
export interface ZoneChanges {
  /** Keys of pods whose assignment may differ. */
  readonly pods: ReadonlySet<string>;
  /** Names of EgressIPs that matter here. */
  readonly egressIps: ReadonlySet<string>;
}

/** Decides about the rows of one zone. */
export class ZoneController {
  readonly #options: ZoneControllerOptions;
  readonly #zone: Zone;
  readonly #writer: ZoneWriter;
  readonly #assignments: PodAssignments;
  readonly #podEvents: PodEvents;
  readonly #seen: Seen;
  #changed = new Set<string>();
  /** While the zone starts: objects that have joined. */
  #joined: Set<string> | null = null;

  constructor(options: ZoneControllerOptions) {
    const { database, node, profile, random, voice } = options;
    this.#options = options;
    this.#seen = { view: ClusterView.of({ nodes: [], namespaces: [], pods: [], egressIps: [] }) };
    const view = (): ClusterView => this.#seen.view;
    this.#zone = {
      profile,
      isLocal: (name) => node === null || name === node,
      node: (name) => this.#seen.view.nodes.get(name) ?? null,
    };
    this.#writer = new ZoneWriter({ ...options, zone: this.#zone, view });
    this.#assignments = new PodAssignments({
      zone: this.#zone,
      database,
      writer: this.#writer,
      random,
      voice,
      view,
      networkOf: options.networkOf ?? (() => null),
    });
    this.#podEvents = new PodEvents(this.#zone, this.#assignments, this.#seen);
  }

  /** What the zone knows of the cluster. */
  get view(): ClusterView {
    return this.#seen.view;
  }

  /** By pod: who serves it and who waits; for inspection. */
  get states(): ReadonlyMap<string, PodState> {
    return this.#assignments.states;
  }

  /** What has changed since the last call. */
  takeChanges(): ZoneChanges {
    const changed = this.#changed;
    this.#changed = new Set();
    return { pods: this.#assignments.takeChanged(), egressIps: changed };
  }

  /** Takes everything that exists into the view, before anything is started. */
  learn(objects: ZoneObjects): void {
    this.#seen.view = ClusterView.of(objects);
  }

  /** Makes the database say what the view says: what an earlier run left is kept where it is right. */
  start(egressIps: readonly EgressIp[]): void {
    const { database, random } = this.#options;
    database.transact(() => this.#writer.writeZone());
    if (this.#has('ovnk-config-flap'))
      database.transact(() => this.#writer.removeLeftOver(new Set()));
    const former = this.#writer.formerServers();
    const lost = this.#writer.formerNats();
    database.transact(() => {
      // Objects that served before the restart go first.
      const isFormer = ({ metadata }: EgressIp): number => (former.has(metadata.name) ? 0 : 1);
      const all = random.shuffle(egressIps).sort((a, b) => isFormer(a) - isFormer(b));
      for (const [key, name] of this.#writer.formerByPod()) {
        const object = this.#seen.view.egressIps.objects.get(name);
        const pod = this.#seen.view.pods.get(key);
        if (object !== undefined && pod !== undefined && this.#seen.view.isSelected(pod, object)) {
          this.#assignments.add(object, pod, null);
        }
      }
      this.#joined = new Set();
      for (const object of all) {
        this.joinEgressIp(object);
        this.#joined.add(object.metadata.name);
      }
      this.#joined = null;
      if (this.#has('ovnk-sync-removes-valid')) this.#forgetNats(lost);
      if (!this.#has('ovnk-stale-binding')) this.#writer.removeLeftOver(this.#writer.wantedKeys());
    });
  }

  /** Whether a NAT row of an egress IP stands for a pod. */
  hasEgressRow(pod: string): boolean {
    return this.#writer.written(pod).some(([table]) => table === 'nat');
  }

  /** Returns whether that matters in this zone. */
  setNode(node: Node): boolean {
    const { name } = node.metadata;
    const view = this.#seen.view.withNode(node);
    if (view === this.#seen.view) return false;
    this.#seen.view = view;
    this.#options.database.transact(() => {
      this.#writer.writeZone();
      for (const object of view.egressIps.on(name)) {
        for (const state of this.#assignments.of(object.metadata.name)) {
          if ([...state.items.values()].some((item) => item.node === name))
            this.#assignments.write(state);
        }
      }
    });
    return true;
  }

  deleteNode(name: string): void {
    this.#seen.view = this.#seen.view.withoutNode(name);
    this.#options.database.transact(() => this.#writer.writeZone());
  }

  /** Returns whether that matters in this zone. */
  setNamespace(namespace: Namespace): boolean {
    return this.#podEvents.setNamespace(namespace);
  }

  deleteNamespace(name: string): void {
    this.#seen.view = this.#seen.view.withoutNamespace(name);
  }

  /** Returns whether that matters in this zone. */
  setPod(pod: Pod): boolean {
    return this.#podEvents.setPod(pod);
  }

  /** Returns whether that matters in this zone. */
  deletePod(key: string): boolean {
    return this.#podEvents.deletePod(key);
  }

  /** Takes a pod out of the view without its rows: its clean-up failed. */
  losePod(key: string): void {
    this.#seen.view = this.#seen.view.withoutPod(key);
  }

  /** Takes an object as it is now into the view. Returns whether that matters in this zone. */
  hearOf(object: EgressIp): boolean {
    const { name } = object.metadata;
    const { node } = this.#options;
    const view = this.#seen.view.withEgressIp(object);
    this.#seen.view = view;
    const { nodes, pods, problem, rivals } = view.facts(object);
    const matters =
      (node === null ? pods.length > 0 : nodes.has(node)) ||
      rivals.size > 0 ||
      problem !== null ||
      this.#assignments.knows(name);
    if (matters) this.#changed.add(name);
    return matters;
  }

  /**
   * The first half of a change: items that are gone, pods that are selected no more. Says what is wrong with
   * a selector that is none: then nothing is configured.
   */
  leaveEgressIp(object: EgressIp): string | null {
    this.hearOf(object);
    const { problem } = this.#seen.view.facts(object);
    if (problem !== null) return problem;
    const { name } = object.metadata;
    const kept = new Set((object.status?.items ?? []).map(itemKey));
    for (const state of this.#assignments.of(name)) {
      const pod = this.#seen.view.pods.get(state.key);
      const isSelected = pod !== undefined && this.#seen.view.isSelected(pod, object);
      const gone = [...state.items.values()].filter(
        (item) => !isSelected || !kept.has(itemKey(item)),
      );
      if (state.serving === name) this.#assignments.remove(state, gone);
      else if (!isSelected || kept.size === 0) this.#assignments.leaveStandby(state, name);
    }
    return null;
  }

  /** The second half: items that are new, pods that are selected now. */
  joinEgressIp(object: EgressIp): void {
    this.#seen.view = this.#seen.view.withEgressIp(object);
    if (!isPlaced(object)) return;
    this.#changed.add(object.metadata.name);
    const { byNode, pods, rivals } = this.#seen.view.facts(object);
    const { node } = this.#options;
    const isEverywhere = node === null || rivals.size > 0 || isHosting(this.#zone, [object]);
    for (const pod of isEverywhere ? pods : (byNode.get(node) ?? [])) {
      const others = rivals.get(pod.key) ?? [];
      const first = others.find(({ metadata }) => this.#joined?.has(metadata.name) !== false);
      this.#assignments.add(object, pod, first ?? null);
    }
  }

  deleteEgressIp(name: string): boolean {
    const before = this.#seen.view.egressIps.objects.get(name);
    const matters =
      this.#assignments.knows(name) || (before !== undefined && isHosting(this.#zone, [before]));
    if (matters) this.#changed.add(name);
    this.#seen.view = this.#seen.view.withoutEgressIp(name);
    for (const state of this.#assignments.of(name)) {
      this.#assignments.leaveStandby(state, name);
      if (state.serving === name) this.#assignments.remove(state, [...state.items.values()]);
    }
    return matters;
  }

  #has(quirk: QuirkName): boolean {
    return this.#options.profile.quirks.has(quirk);
  }

  /** B27: rows that stood before the start are taken for left-overs. */
  #forgetNats(keys: ReadonlySet<string>): void {
    for (const state of this.states.values()) {
      const written = this.#writer.written(state.key);
      if (!written.some(([table, key]) => table === 'nat' && keys.has(key))) continue;
      state.lostNats = new Set([...state.lostNats, ...state.items.keys()]);
      this.#assignments.write(state);
    }
  }
}
