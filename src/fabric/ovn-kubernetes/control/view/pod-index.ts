// The pods that a zone knows, findable by key, namespace and node. Immutable, as the index of EgressIPs is.

import { PersistentMap } from '../../../../base/persistent-map.ts';
import type { PodView } from './pod-view.ts';

type Pods = readonly PodView[];

/** Pods by key, namespace and node. */
export class PodIndex {
  readonly #byKey: PersistentMap<PodView>;
  readonly #byNamespace: PersistentMap<Pods>;
  readonly #byNode: PersistentMap<Pods>;

  private constructor(
    byKey: PersistentMap<PodView>,
    byNamespace: PersistentMap<Pods>,
    byNode: PersistentMap<Pods>,
  ) {
    this.#byKey = byKey;
    this.#byNamespace = byNamespace;
    this.#byNode = byNode;
  }

  /** An index of these pods. */
  static of(pods: Pods): PodIndex {
    const byNamespace = new Map<string, PodView[]>();
    const byNode = new Map<string, PodView[]>();
    const note = (index: Map<string, PodView[]>, key: string, pod: PodView): void => {
      const there = index.get(key);
      if (there === undefined) index.set(key, [pod]);
      else there.push(pod);
    };
    for (const pod of pods) {
      note(byNamespace, pod.namespace, pod);
      if (pod.node !== null) note(byNode, pod.node, pod);
    }
    return new PodIndex(
      PersistentMap.of(pods.map((pod) => [pod.key, pod])),
      PersistentMap.of(byNamespace),
      PersistentMap.of(byNode),
    );
  }

  /** The pod `namespace/name`. */
  get(key: string): PodView | undefined {
    return this.#byKey.get(key);
  }

  /** In the order in which the zone has heard of them. */
  in(namespace: string): Pods {
    return this.#byNamespace.get(namespace) ?? [];
  }

  on(node: string): Pods {
    return this.#byNode.get(node) ?? [];
  }

  values(): Iterable<PodView> {
    return this.#byKey.values();
  }

  /** This index with a pod as it is now. */
  with(pod: PodView): PodIndex {
    const before = this.#byKey.get(pod.key);
    const stays = before?.node === pod.node;
    const left =
      before === undefined || before.node === null || stays
        ? this.#byNode
        : removeFrom(this.#byNode, before.node, pod.key);
    return new PodIndex(
      this.#byKey.with(pod.key, pod),
      put(this.#byNamespace, pod.namespace, pod),
      pod.node === null ? left : put(left, pod.node, pod),
    );
  }

  /** This index without a pod. */
  without(key: string): PodIndex {
    const before = this.#byKey.get(key);
    if (before === undefined) return this;
    const { namespace, node } = before;
    return new PodIndex(
      this.#byKey.without(key),
      removeFrom(this.#byNamespace, namespace, key),
      node === null ? this.#byNode : removeFrom(this.#byNode, node, key),
    );
  }
}

/** A pod that is there keeps its place. */
function put(index: PersistentMap<Pods>, key: string, pod: PodView): PersistentMap<Pods> {
  const there = index.get(key) ?? [];
  const at = there.findIndex((each) => each.key === pod.key);
  return index.with(key, at < 0 ? [...there, pod] : there.with(at, pod));
}

function removeFrom(index: PersistentMap<Pods>, key: string, pod: string): PersistentMap<Pods> {
  const rest = (index.get(key) ?? []).filter((each) => each.key !== pod);
  return rest.length === 0 ? index.without(key) : index.with(key, rest);
}
