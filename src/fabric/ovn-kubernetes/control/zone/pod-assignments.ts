// Which object serves which pod in one zone, and which wait (podAssignment of ovn/egressip.go:926-1290). The
// object that comes first serves. A zone that has neither the pod nor one of the object's IPs has nothing to
// write and remembers nothing, unless several objects want the pod: then it must know who came first.

import type { Random } from '../../../../sim/random.ts';
import type { EgressIp, EgressIpStatusItem } from '../../kinds/egress-ip.ts';
import { familyOf, type NorthboundDatabase } from '../../northbound.ts';
import type { QuirkName } from '../../quirks.ts';
import { markOf } from '../allocator/marks.ts';
import { MARK_ANNOTATION } from '../annotations.ts';
import type { Voice } from '../sink.ts';
import type { ClusterView } from '../view/cluster-view.ts';
import type { PodView } from '../view/pod-view.ts';
import { itemKey, PodState } from './pod-state.ts';
import type { Zone } from './rows.ts';
import type { ZoneWriter } from './zone-writer.ts';

const FILE = 'egressip.go';

/** What assignments are made with. */
export interface PodAssignmentsOptions {
  readonly zone: Zone;
  readonly database: NorthboundDatabase;
  readonly writer: ZoneWriter;
  readonly random: Random;
  readonly voice: Voice;
  /** What the zone knows now. */
  readonly view: () => ClusterView;
  /** The primary user-defined network of a namespace; null for the default network. */
  readonly networkOf: (namespace: string) => string | null;
}

/** The assignments of one zone. */
export class PodAssignments {
  readonly #options: PodAssignmentsOptions;
  readonly #states = new Map<string, PodState>();
  /** By object: pods that it serves or waits for. */
  readonly #byObject = new Map<string, Set<PodState>>();
  #changed = new Set<string>();

  constructor(options: PodAssignmentsOptions) {
    this.#options = options;
  }

  /** By pod: who serves it and who waits. */
  get states(): ReadonlyMap<string, PodState> {
    return this.#states;
  }

  /** Pods that an object serves or waits for. */
  of(object: string): readonly PodState[] {
    return [...(this.#byObject.get(object) ?? [])];
  }

  /** Whether an object serves a pod here, or waits for one. */
  knows(object: string): boolean {
    return this.#byObject.has(object);
  }

  /** Pods whose assignment may have changed since the last call. */
  takeChanged(): ReadonlySet<string> {
    const changed = this.#changed;
    this.#changed = new Set();
    return changed;
  }

  /** An object selects a pod; `first` is the one that has served it so far without being remembered. */
  add(object: EgressIp, pod: PodView, first: EgressIp | null): void {
    const { voice, zone } = this.#options;
    const items = object.status?.items ?? [];
    const { name } = object.metadata;
    if (items.length === 0 || pod.node === null || pod.ips.length === 0) return;
    const isInvolved = this.#isInvolved(pod.node, items);
    let state = this.#states.get(pod.key);
    if (state === undefined) {
      if (first === null && !isInvolved) return;
      state = first === null ? this.#create(pod, pod.node) : this.assume(first, pod, pod.node);
    }
    if (state.serving !== null && state.serving !== name) {
      if (!zone.profile.standbyObjects || state.standby.has(name)) return;
      const podText = `${pod.namespace}_${pod.name}`;
      const text = `EgressIP object ${name} will not be configured for pod ${podText} since another egressIP object ${state.serving} is serving it`;
      voice.log('W', `${FILE}:993`, text);
      voice.event(name, { reason: 'UndefinedRequest', message: `${text}, this is undefined` });
      state.standby.add(name);
      this.#index(name, state);
      return;
    }
    this.#serve(state, object);
    for (const item of items) {
      if (state.items.has(itemKey(item))) continue;
      if (isInvolved) {
        const text = `{${item.node} ${item.egressIP}} for EgressIP: ${name} and pod: ${pod.key}/[${pod.ips.join(' ')}]`;
        voice.log('I', `${FILE}:1019`, `Adding pod egress IP status: ${text}`, 2);
      }
      state.items.set(itemKey(item), item);
    }
    this.write(state);
  }

  /** Remembers who has served a pod, although nothing had to be written for it here. */
  assume(object: EgressIp, pod: PodView, node: string): PodState {
    const state = this.#create(pod, node);
    this.#serve(state, object);
    for (const item of object.status?.items ?? []) state.items.set(itemKey(item), item);
    return state;
  }

  /** Takes items from a pod; with the last one the next object takes over. */
  remove(state: PodState, items: readonly EgressIpStatusItem[], promotes = true): void {
    const { voice, writer } = this.#options;
    if (items.length === 0) return;
    const name = state.serving;
    const isInvolved = this.#isInvolved(state.node, [...state.items.values()]);
    for (const item of items) {
      if (isInvolved) {
        const text = `{${item.node} ${item.egressIP}} for EgressIP: ${name} and pod: ${state.key}`;
        voice.log('I', `${FILE}:1133`, `Deleting pod egress IP status: ${text}`, 2);
      }
      this.#keepStale(state, item);
      state.items.delete(itemKey(item));
    }
    if (this.#has('ovnk-edit-drops-sibling')) {
      state.lostNats = new Set([...state.lostNats, ...state.items.keys()]);
    }
    const isGone = state.items.size === 0;
    this.write(state, this.#has('ovnk-stale-snat'));
    for (const { node } of items) writer.restoreNodeSnat(state, node);
    if (!isGone) return;
    if (name !== null) this.#unindex(name, state);
    state.serving = null;
    state.staleHops = new Set();
    if (state.standby.size > 0) {
      const waiting = `${state.key.replace('/', '_')} has standby egress IP [${[...state.standby].join(' ')}]`;
      voice.log('I', `${FILE}:1159`, `Pod ${waiting}`, 2);
      if (promotes) this.#promote(state);
    }
    if (state.serving === null && (state.standby.size === 0 || !promotes)) {
      this.#forget(state);
      writer.setServed(state, false);
    }
  }

  /** An object waits for a pod no more. */
  leaveStandby(state: PodState, object: string): void {
    if (!state.standby.delete(object)) return;
    if (state.serving !== object) this.#unindex(object, state);
  }

  /** Takes all rows of a pod out; that to its node's address does not come back for a pod that is gone. */
  drop(key: string, isGone: boolean): void {
    const { database, writer } = this.#options;
    const state = this.#states.get(key);
    if (state === undefined) return;
    this.#forget(state);
    state.items.clear();
    database.transact(() => {
      this.write(state);
      writer.setServed(state, false);
      if (!isGone) writer.restoreNodeSnat(state, state.node);
    });
  }

  /** Makes the database say what a state says. */
  write(state: PodState, keepsNats = false): void {
    this.#changed.add(state.key);
    this.#options.writer.writePod(state, keepsNats);
  }

  #has(quirk: QuirkName): boolean {
    return this.#options.zone.profile.quirks.has(quirk);
  }

  /** Whether this zone has the pod, or one of the IPs: no other has rows to write. */
  #isInvolved(node: string, items: readonly EgressIpStatusItem[]): boolean {
    const { isLocal } = this.#options.zone;
    return isLocal(node) || items.some((item) => isLocal(item.node));
  }

  #create({ ips, key, namespace }: PodView, node: string): PodState {
    const state = new PodState(key, node, ips, this.#options.networkOf(namespace));
    this.#states.set(key, state);
    return state;
  }

  #serve(state: PodState, { metadata }: EgressIp): void {
    state.serving = metadata.name;
    state.standby.delete(metadata.name);
    state.mark = markOf(metadata.annotations?.[MARK_ANNOTATION] ?? '');
    this.#index(metadata.name, state);
  }

  #promote(state: PodState): void {
    const { random, view } = this.#options;
    const { egressIps, pods } = view();
    const pod = pods.get(state.key);
    for (const name of random.shuffle([...state.standby])) {
      const object = egressIps.objects.get(name);
      if (object === undefined || pod === undefined || (object.status?.items.length ?? 0) === 0)
        continue;
      state.standby.delete(name);
      this.add(object, pod, null);
      return;
    }
  }

  /** B11: the next hop of a node that is gone cannot be computed any more, so it stays. */
  #keepStale(state: PodState, item: EgressIpStatusItem): void {
    const { database, view, writer } = this.#options;
    if (!this.#has('ovnk-stale-nexthop') || view().nodes.has(item.node)) return;
    const family = familyOf(item.egressIP);
    for (const [table, key] of writer.written(state.key)) {
      const row = table === 'policy' ? database.policy(key) : null;
      for (const hop of row?.nexthops ?? []) {
        if (familyOf(hop) === family && !this.#isKnownHop(hop)) {
          state.staleHops = new Set([...state.staleHops, hop]);
        }
      }
    }
  }

  #isKnownHop(hop: string): boolean {
    for (const { join, management, transit } of this.#options.view().nodes.values()) {
      if (join.includes(hop) || transit.includes(hop) || management.includes(hop)) return true;
    }
    return false;
  }

  #index(object: string, state: PodState): void {
    const known = this.#byObject.get(object);
    if (known === undefined) this.#byObject.set(object, new Set([state]));
    else known.add(state);
  }

  #unindex(object: string, state: PodState): void {
    const known = this.#byObject.get(object);
    known?.delete(state);
    if (known?.size === 0) this.#byObject.delete(object);
  }

  #forget(state: PodState): void {
    this.#changed.add(state.key);
    this.#states.delete(state.key);
    if (state.serving !== null) this.#unindex(state.serving, state);
    for (const name of state.standby) this.#unindex(name, state);
  }
}
