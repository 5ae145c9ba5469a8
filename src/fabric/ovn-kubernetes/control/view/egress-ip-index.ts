// The EgressIPs that a zone knows, findable by node and by the labels that their selectors ask for. Immutable:
// a patch of one status makes another index, which shares nearly everything with this one.

import { PersistentMap } from '../../../../base/persistent-map.ts';
import type { TextMap } from '../../../../kube/kinds/object.ts';
import type { EgressIp, LabelSelector } from '../../kinds/egress-ip.ts';
import { selects } from './selectors.ts';

/** Of selectors that no single label can stand for. */
const ANY_LABEL = '';

type Names = readonly string[];

/** EgressIPs by name, node and label. */
export class EgressIpIndex {
  readonly objects: PersistentMap<EgressIp>;
  /** Names of the objects that have an item on a node. */
  readonly #byNode: PersistentMap<Names>;
  /** Names of the objects whose namespaceSelector asks for a label, `key=value`. */
  readonly #byLabel: PersistentMap<Names>;

  private constructor(
    objects: PersistentMap<EgressIp>,
    byNode: PersistentMap<Names>,
    byLabel: PersistentMap<Names>,
  ) {
    this.objects = objects;
    this.#byNode = byNode;
    this.#byLabel = byLabel;
  }

  /** An index of these objects. */
  static of(objects: readonly EgressIp[]): EgressIpIndex {
    const byNode = new Map<string, string[]>();
    const byLabel = new Map<string, string[]>();
    const note = (index: Map<string, string[]>, key: string, name: string): void => {
      const names = index.get(key);
      if (names === undefined) index.set(key, [name]);
      else names.push(name);
    };
    for (const object of objects) {
      const { name } = object.metadata;
      for (const node of nodesOf(object)) note(byNode, node, name);
      note(byLabel, labelOf(object.spec.namespaceSelector), name);
    }
    return new EgressIpIndex(
      PersistentMap.of(objects.map((object) => [object.metadata.name, object])),
      PersistentMap.of(byNode),
      PersistentMap.of(byLabel),
    );
  }

  /** Objects with an item on a node, by name. */
  on(node: string): readonly EgressIp[] {
    return this.#listed(this.#byNode.get(node) ?? []);
  }

  /** Objects whose namespaceSelector selects these labels, by name. */
  selecting(labels: TextMap): readonly EgressIp[] {
    const keys = [ANY_LABEL, ...Object.entries(labels).map(([key, value]) => `${key}=${value}`)];
    const names = keys.flatMap((key) => this.#byLabel.get(key) ?? []);
    return this.#listed(names).filter(({ spec }) => selects(spec.namespaceSelector, labels));
  }

  /** This index with an object as it is now. */
  with(object: EgressIp): EgressIpIndex {
    const { name } = object.metadata;
    const before = this.objects.get(name);
    const label = labelOf(object.spec.namespaceSelector);
    const former = before === undefined ? null : labelOf(before.spec.namespaceSelector);
    let byLabel = this.#byLabel;
    if (former !== label) {
      if (former !== null) byLabel = removeFrom(byLabel, former, name);
      byLabel = addTo(byLabel, label, name);
    }
    let byNode = this.#byNode;
    const were = before === undefined ? new Set<string>() : nodesOf(before);
    const are = nodesOf(object);
    for (const node of were) if (!are.has(node)) byNode = removeFrom(byNode, node, name);
    for (const node of are) if (!were.has(node)) byNode = addTo(byNode, node, name);
    return new EgressIpIndex(this.objects.with(name, object), byNode, byLabel);
  }

  /** This index without an object. */
  without(name: string): EgressIpIndex {
    const before = this.objects.get(name);
    if (before === undefined) return this;
    let byNode = this.#byNode;
    for (const node of nodesOf(before)) byNode = removeFrom(byNode, node, name);
    const label = labelOf(before.spec.namespaceSelector);
    return new EgressIpIndex(
      this.objects.without(name),
      byNode,
      removeFrom(this.#byLabel, label, name),
    );
  }

  #listed(names: Names): readonly EgressIp[] {
    return names.toSorted().flatMap((name) => this.objects.get(name) ?? []);
  }
}

/** A label that everything selected has: `key=value`. */
function labelOf({ matchLabels = {} }: LabelSelector): string {
  for (const key in matchLabels) return `${key}=${matchLabels[key]}`;
  return ANY_LABEL;
}

function nodesOf({ status }: EgressIp): ReadonlySet<string> {
  return new Set(status?.items.map(({ node }) => node));
}

function addTo(index: PersistentMap<Names>, key: string, name: string): PersistentMap<Names> {
  return index.with(key, [...(index.get(key) ?? []), name]);
}

function removeFrom(index: PersistentMap<Names>, key: string, name: string): PersistentMap<Names> {
  const rest = (index.get(key) ?? []).filter((each) => each !== name);
  return rest.length === 0 ? index.without(key) : index.with(key, rest);
}
