// What the path of a request names: a resource, perhaps in a namespace, perhaps one object of it,
// perhaps a subresource of that (kubernetes.io/docs/reference/using-api/api-concepts).

import type { Kind } from '../../kube/kinds/objects.ts';
import { kinds, type Resource, resources } from '../../kube/kinds/resources.ts';

export interface Target {
  readonly resource: Resource;
  /** Null: of all namespaces, or the resource has none. */
  readonly namespace: string | null;
  /** Null names the collection. */
  readonly name: string | null;
  readonly subresource: string | null;
}

/** Null when there is nothing at that path. */
export function targetOf(path: readonly string[]): Target | null {
  const [root, ...rest] = path;
  if (root === 'api' && rest[0] === 'v1') return inGroup('', rest.slice(1));
  if (root === 'apis' && rest[1] === 'v1') return inGroup(rest[0] ?? '', rest.slice(2));
  return null;
}

function inGroup(group: string, rest: readonly string[]): Target | null {
  const [first, second, third] = rest;
  const inside = first === 'namespaces' && second !== undefined && third !== undefined;
  const namespace = inside ? second : null;
  const [plural, name = null, subresource = null, extra] = inside ? rest.slice(2) : rest;
  const kind: Kind | undefined = kinds.find(
    (each) => resources[each].plural === plural && resources[each].group === group,
  );
  if (kind === undefined || extra !== undefined) return null;
  const resource = resources[kind];
  // Objects of a namespace are named inside it; others never are.
  const placed = resource.namespaced ? name === null || inside : !inside;
  if (!placed) return null;
  if (subresource !== null && !resource.subresources.includes(subresource)) return null;
  return { resource, namespace, name, subresource };
}
