// What one zone knows of the cluster: nodes, namespaces, pods and EgressIPs. Immutable. A zone that hears of a
// change asks its view for the next one, and views remember it: zones that have heard the same changes in the
// same order hold the same view, so 500 zones cost little more than one, and what is computed from a view is
// computed once. A zone that lags holds an older view.

import { PersistentMap } from '../../../../base/persistent-map.ts';
import type { Namespace } from '../../../../kube/kinds/namespace.ts';
import type { Node } from '../../../../kube/kinds/node.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { Pod } from '../../../../kube/kinds/pod.ts';
import type { EgressIp } from '../../kinds/egress-ip.ts';
import { EgressIpIndex } from './egress-ip-index.ts';
import { PodIndex } from './pod-index.ts';
import { isEligible, type PodView, viewPod } from './pod-view.ts';
import { type PodSelection, Selections } from './selections.ts';
import { selectorsProblem, selects } from './selectors.ts';
import { isSameToZones, viewNode, type ZoneNode } from './zone-nodes.ts';

/** Everything that a zone starts with. */
export interface ZoneObjects {
  readonly nodes: readonly Node[];
  readonly namespaces: readonly Namespace[];
  readonly pods: readonly Pod[];
  readonly egressIps: readonly EgressIp[];
}

/** What a view tells of one object. */
export interface ObjectFacts extends PodSelection {
  /** Nodes that have something to do: with one of the pods or IPs, or with an IP before the last change. */
  readonly nodes: ReadonlySet<string>;
  /** By pod: other objects that are placed and select it as well. */
  readonly rivals: ReadonlyMap<string, readonly EgressIp[]>;
}

interface Parts {
  readonly nodes: ReadonlyMap<string, ZoneNode>;
  readonly namespaces: PersistentMap<TextMap>;
  readonly pods: PodIndex;
  readonly egressIps: EgressIpIndex;
}

/**
 * Views by the lists that they were made from, until one of their zones hears more: zones that start together
 * start with one.
 */
const started = new WeakMap<readonly Pod[], Start>();

interface Start {
  readonly from: ZoneObjects;
  readonly view: ClusterView;
}

/** The cluster as a zone sees it. */
export class ClusterView {
  readonly #parts: Parts;
  /** Computed for the first zone that asks. */
  readonly #facts = new Map<EgressIp, ObjectFacts>();
  readonly #selecting = new Map<PodView, readonly EgressIp[]>();
  readonly #selections: Selections;
  /** Addresses of all hosts. */
  #hostAddresses: readonly string[] | null;
  /** What the first zone that went on from here has heard, and its view since. */
  #next: { readonly heard: object | string; readonly view: ClusterView } | null = null;

  /** The EgressIP as it was before the change that made this view. */
  #replaced: EgressIp | null = null;
  /** The list by which it is found in `started`. */
  #from: readonly Pod[] | null = null;
  /** The last that was heard here and makes no difference. */
  #ignored: object | string | null = null;

  private constructor(parts: Parts, before: ClusterView | null = null) {
    this.#parts = parts;
    const isSame =
      before !== null &&
      before.#parts.pods === parts.pods &&
      before.#parts.namespaces === parts.namespaces;
    this.#selections = isSame ? before.#selections : new Selections(parts.namespaces, parts.pods);
    const keepsNodes = before !== null && before.#parts.nodes === parts.nodes;
    this.#hostAddresses = keepsNodes ? before.#hostAddresses : null;
  }

  /** All that exists. */
  static of(objects: ZoneObjects): ClusterView {
    const { egressIps, namespaces, nodes, pods } = objects;
    const known = started.get(pods);
    const isSame =
      known?.from.egressIps === egressIps &&
      known.from.namespaces === namespaces &&
      known.from.nodes === nodes;
    if (known !== undefined && isSame) return known.view;
    const view = new ClusterView({
      nodes: new Map(nodes.map((node) => [node.metadata.name, viewNode(node)])),
      namespaces: PersistentMap.of(
        namespaces.map(({ metadata }) => [metadata.name, metadata.labels ?? {}]),
      ),
      pods: PodIndex.of(pods.map(viewPod)),
      egressIps: EgressIpIndex.of(egressIps),
    });
    started.set(pods, { from: objects, view });
    view.#from = pods;
    return view;
  }

  get nodes(): ReadonlyMap<string, ZoneNode> {
    return this.#parts.nodes;
  }

  /** Labels by namespace. */
  get namespaces(): PersistentMap<TextMap> {
    return this.#parts.namespaces;
  }

  get pods(): PodIndex {
    return this.#parts.pods;
  }

  get egressIps(): EgressIpIndex {
    return this.#parts.egressIps;
  }

  /** Addresses of all hosts, node by node. */
  get hostAddresses(): readonly string[] {
    this.#hostAddresses ??= [...this.nodes.values()].flatMap(({ hostAddresses }) => hostAddresses);
    return this.#hostAddresses;
  }

  /** What an object selects, and who else does. */
  facts(object: EgressIp): ObjectFacts {
    const known = this.#facts.get(object);
    if (known !== undefined) return known;
    const selection = this.#selections.of(object);
    const rivals = new Map<string, readonly EgressIp[]>();
    for (const pod of selection.pods) {
      const others = this.selecting(pod).filter(
        (other) => other.metadata.name !== object.metadata.name && isPlaced(other),
      );
      if (others.length > 0) rivals.set(pod.key, others);
    }
    const former = this.#replaced?.metadata.name === object.metadata.name ? this.#replaced : null;
    const items = [...(object.status?.items ?? []), ...(former?.status?.items ?? [])];
    // An object that has no node, and had none, has pods that leave as before.
    const homes = items.length === 0 ? [] : selection.byNode.keys();
    const nodes = new Set([...homes, ...items.map(({ node }) => node)]);
    const facts = { ...selection, nodes, rivals };
    this.#facts.set(object, facts);
    return facts;
  }

  /** Whether an object selects a pod, as events of the object see it. */
  isSelected(pod: PodView, { spec }: EgressIp): boolean {
    const labels = this.namespaces.get(pod.namespace);
    if (labels === undefined || !isEligible(pod)) return false;
    return selects(spec.namespaceSelector, labels) && selects(spec.podSelector ?? {}, pod.labels);
  }

  /** Objects that select a pod, by name, as events of pods see it: a namespace without labels never is. */
  selecting(pod: PodView): readonly EgressIp[] {
    const known = this.#selecting.get(pod);
    if (known !== undefined) return known;
    const labels = this.namespaces.get(pod.namespace) ?? {};
    const isLabeled = Object.keys(labels).length > 0;
    const objects =
      isLabeled && isEligible(pod)
        ? this.egressIps
            .selecting(labels)
            .filter(
              ({ spec }) =>
                selects(spec.podSelector ?? {}, pod.labels) && selectorsProblem(spec) === null,
            )
        : [];
    this.#selecting.set(pod, objects);
    return objects;
  }

  /** With a node as it is now; the same view when zones see no difference. */
  withNode(node: Node): ClusterView {
    return this.#after(node, () => {
      const before = this.nodes.get(node.metadata.name);
      if (before !== undefined && isSameToZones(before, node)) return this;
      const view = viewNode(node);
      return this.#with({ nodes: new Map(this.nodes).set(view.name, view) });
    });
  }

  withoutNode(name: string): ClusterView {
    return this.#after(`node ${name} is gone`, () => {
      const nodes = new Map(this.nodes);
      nodes.delete(name);
      return this.#with({ nodes });
    });
  }

  withNamespace(namespace: Namespace): ClusterView {
    const { labels = {}, name } = namespace.metadata;
    return this.#after(namespace, () =>
      this.#with({ namespaces: this.namespaces.with(name, labels) }),
    );
  }

  withoutNamespace(name: string): ClusterView {
    return this.#after(`namespace ${name} is gone`, () =>
      this.#with({ namespaces: this.namespaces.without(name) }),
    );
  }

  withPod(pod: Pod): ClusterView {
    return this.#after(pod, () => this.#with({ pods: this.pods.with(viewPod(pod)) }));
  }

  withoutPod(key: string): ClusterView {
    return this.#after(`pod ${key} is gone`, () => this.#with({ pods: this.pods.without(key) }));
  }

  withEgressIp(object: EgressIp): ClusterView {
    return this.#after(object, () => {
      const before = this.egressIps.objects.get(object.metadata.name);
      if (before === object) return this;
      const view = this.#with({ egressIps: this.egressIps.with(object) });
      view.#replaced = before ?? null;
      return view;
    });
  }

  withoutEgressIp(name: string): ClusterView {
    return this.#after(`EgressIP ${name} is gone`, () =>
      this.#with({ egressIps: this.egressIps.without(name) }),
    );
  }

  #with(change: Partial<Parts>): ClusterView {
    return new ClusterView({ ...this.#parts, ...change }, this);
  }

  /** The view after hearing of `heard`, made once. */
  #after(heard: object | string, make: () => ClusterView): ClusterView {
    if (this.#next?.heard === heard) return this.#next.view;
    if (this.#ignored === heard) return this;
    const view = make();
    if (view === this) this.#ignored = heard;
    else this.#next ??= { heard, view };
    // Otherwise the first view would hold on to all that come after it.
    if (this.#from !== null) started.delete(this.#from);
    return view;
  }
}

/** Whether a node has one of its IPs. */
export function isPlaced({ status }: EgressIp): boolean {
  return (status?.items.length ?? 0) > 0;
}
