// Which pods an EgressIP selects, computed once for all zones that know the same pods and namespaces.

import type { PersistentMap } from '../../../../base/persistent-map.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import { LabelIndex } from './label-index.ts';
import type { PodIndex } from './pod-index.ts';
import { isEligible, type PodView } from './pod-view.ts';
import { selectorsProblem, selects } from './selectors.ts';

/** The pods of one object. */
export interface PodSelection {
  readonly pods: readonly PodView[];
  /** The same by node. */
  readonly byNode: ReadonlyMap<string, readonly PodView[]>;
  /** What is wrong with the selectors; null when nothing is. */
  readonly problem: string | null;
}

/** The pods of every object that was asked for. */
export class Selections {
  readonly #namespaces: PersistentMap<TextMap>;
  readonly #pods: PodIndex;
  /** By selectors: a status that changes asks for the same pods again. */
  readonly #known = new Map<string, PodSelection>();
  /** Of namespaces; made when it is first needed. */
  #labels: LabelIndex | null = null;

  constructor(namespaces: PersistentMap<TextMap>, pods: PodIndex) {
    this.#namespaces = namespaces;
    this.#pods = pods;
  }

  /** Pods that the object's selectors pick; none when one of them is malformed. */
  of(object: EgressIp): PodSelection {
    const { namespaceSelector, podSelector = {} } = object.spec;
    const key = JSON.stringify([namespaceSelector, podSelector]);
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const problem = selectorsProblem(object.spec);
    const selection =
      problem === null ? this.#select(object) : { pods: [], byNode: new Map(), problem };
    this.#known.set(key, selection);
    return selection;
  }

  #select({ spec: { namespaceSelector, podSelector = {} } }: EgressIp): PodSelection {
    const pods: PodView[] = [];
    const byNode = new Map<string, PodView[]>();
    this.#labels ??= this.#index();
    for (const namespace of this.#labels.selected(namespaceSelector)) {
      for (const pod of this.#pods.in(namespace)) {
        if (pod.node === null || !isEligible(pod) || !selects(podSelector, pod.labels)) continue;
        pods.push(pod);
        const there = byNode.get(pod.node);
        if (there === undefined) byNode.set(pod.node, [pod]);
        else there.push(pod);
      }
    }
    return { pods, byNode, problem: null };
  }

  /** In the order in which keys `namespace/pod` sort. */
  #index(): LabelIndex {
    const sorted = [...this.#namespaces.entries()]
      .map(([name, labels]) => ({ key: `${name}/`, name, labels }))
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    return new LabelIndex(sorted.map(({ labels, name }) => [name, labels]));
  }
}
