// Pods, and the labels of their namespaces, as they come, change and go: which objects they leave and which they
// join (ovn/egressip.go:591-860).

import type { Namespace } from '../../../../kube/kinds/namespace.ts';
import type { Pod } from '../../../../kube/kinds/pod.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import type { QuirkName } from '../../quirks.ts';
import { type ClusterView, isPlaced } from '../view/cluster-view.ts';
import { isEligible, type PodView, viewPod } from '../view/pod-view.ts';
import type { PodAssignments } from './pod-assignments.ts';
import type { Zone } from './rows.ts';

/** What a zone knows now. */
export interface Seen {
  view: ClusterView;
}

/** Acts on pods and namespaces of one zone. */
export class PodEvents {
  readonly #zone: Zone;
  readonly #assignments: PodAssignments;
  readonly #seen: Seen;

  constructor(zone: Zone, assignments: PodAssignments, seen: Seen) {
    this.#zone = zone;
    this.#assignments = assignments;
    this.#seen = seen;
  }

  /** Returns whether that matters in this zone. */
  setNamespace(namespace: Namespace): boolean {
    const before = this.#seen.view;
    this.#seen.view = before.withNamespace(namespace);
    let matters = false;
    for (const pod of before.pods.in(namespace.metadata.name)) {
      if (this.#reconsider(pod, this.#formerServer(before, pod), pod)) matters = true;
    }
    return matters;
  }

  /** Returns whether that matters in this zone. */
  setPod(object: Pod): boolean {
    const before = this.#seen.view;
    const { key } = viewPod(object);
    const former = before.pods.get(key);
    const state = this.#assignments.states.get(key);
    this.#seen.view = before.withPod(object);
    const pod = this.#seen.view.pods.get(key);
    if (pod === undefined) return false;
    const wasHere = state !== undefined || this.#isHere(former);
    if (!isEligible(pod)) {
      if (former !== undefined && isEligible(former)) this.#assignments.drop(key, true);
      return wasHere || isHosting(this.#zone, former === undefined ? [] : before.selecting(former));
    }
    const known = state ?? former;
    const isMoved =
      known !== undefined && (known.node !== pod.node || known.ips.join() !== pod.ips.join());
    const forgets = isMoved && !this.#has('ovnk-statefulset-stale');
    if (forgets) this.#assignments.drop(key, true);
    const server =
      forgets || state !== undefined || former === undefined
        ? null
        : this.#formerServer(before, former);
    const matters = this.#reconsider(pod, server, former ?? pod);
    return (
      matters ||
      wasHere ||
      isHosting(this.#zone, former === undefined ? [] : before.selecting(former))
    );
  }

  /** Returns whether that matters in this zone. */
  deletePod(key: string): boolean {
    const pod = this.#seen.view.pods.get(key);
    const isKnown = this.#assignments.states.has(key);
    const objects = pod === undefined ? [] : this.#seen.view.selecting(pod);
    this.#seen.view = this.#seen.view.withoutPod(key);
    this.#assignments.drop(key, true);
    return isKnown || this.#isHere(pod) || isHosting(this.#zone, objects);
  }

  #has(quirk: QuirkName): boolean {
    return this.#zone.profile.quirks.has(quirk);
  }

  #isHere(pod: PodView | undefined): boolean {
    const node = pod?.node ?? null;
    return node !== null && this.#zone.isLocal(node);
  }

  /** Who has served a pod that this zone remembers nothing of. */
  #formerServer(view: ClusterView, pod: PodView): EgressIp | null {
    if (this.#assignments.states.has(pod.key) || pod.ips.length === 0) return null;
    return view.selecting(pod).find(isPlaced) ?? null;
  }

  /**
   * Labels of a pod, or of its namespace, have changed: leaves objects first, then joins others. `server` has
   * served the pod, as it was before, without being remembered. Returns whether that matters in this zone.
   */
  #reconsider(pod: PodView, server: EgressIp | null, before: PodView): boolean {
    const matching = this.#seen.view.selecting(pod);
    const names = new Set(matching.map(({ metadata }) => metadata.name));
    const isForgetful = this.#has('ovnk-standby-forgotten');
    const isHere = this.#isHere(pod);
    const isHosted = isHosting(this.#zone, matching);
    if (!this.#assignments.states.has(pod.key)) {
      if (!isHere && !isHosted && matching.filter(isPlaced).length < 2) {
        return server !== null && isHosting(this.#zone, [server]);
      }
      const isWanted = server !== null && (isForgetful || names.has(server.metadata.name));
      if (isWanted && before.node !== null) this.#assignments.assume(server, before, before.node);
    }
    const join = (): void => {
      let first: EgressIp | null = null;
      for (const object of matching) {
        this.#assignments.add(object, pod, first);
        if (isPlaced(object)) first ??= object;
      }
    };
    if (isForgetful) join();
    const state = this.#assignments.states.get(pod.key);
    if (state !== undefined) {
      for (const name of state.standby) {
        if (!names.has(name)) this.#assignments.leaveStandby(state, name);
      }
      if (state.serving !== null && !names.has(state.serving)) {
        this.#assignments.remove(state, [...state.items.values()], !isForgetful);
      }
    }
    if (!isForgetful) join();
    return true;
  }
}

/** Whether a zone has an IP of one of these objects. */
export function isHosting(zone: Zone, objects: readonly EgressIp[]): boolean {
  return objects.some(({ status }) => status?.items.some(({ node }) => zone.isLocal(node)));
}
