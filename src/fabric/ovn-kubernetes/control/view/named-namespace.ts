// Namespaces as zones see them: with the label of their name, which the API server gives to each.

import type { Namespace } from '../../../../kube/kinds/namespace.ts';
import { NAME_LABEL } from '../names.ts';

/** One result for one object, so that zones that hear of it see the same. */
const named = new WeakMap<Namespace, Namespace>();
const namedLists = new WeakMap<readonly Namespace[], readonly Namespace[]>();

/** A namespace with its label `kubernetes.io/metadata.name`. */
export function namedNamespace(namespace: Namespace): Namespace {
  const known = named.get(namespace);
  if (known !== undefined) return known;
  const { metadata } = namespace;
  const labels = { ...metadata.labels, [NAME_LABEL]: metadata.name };
  const result = { ...namespace, metadata: { ...metadata, labels } };
  named.set(namespace, result);
  return result;
}

/** The same for a list: one list for all zones that have the same one. */
export function namedNamespaces(namespaces: readonly Namespace[]): readonly Namespace[] {
  const known = namedLists.get(namespaces);
  if (known !== undefined) return known;
  const result = namespaces.map(namedNamespace);
  namedLists.set(namespaces, result);
  return result;
}
