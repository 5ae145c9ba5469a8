// What the path of a request names: a resource, perhaps in a namespace, perhaps one object of it,
// perhaps a subresource of that (kubernetes.io/docs/reference/using-api/api-concepts).

import type { Kind, Subresource } from '../../kube/kinds/kind.ts';
import type { GroupVersion, KindRegistry } from '../../kube/kinds/registry.ts';

/** What a path names. */
export interface RequestTarget {
  readonly kind: Kind;
  /** Null: of all namespaces, or the kind has none. */
  readonly namespace: string | null;
  /** Null names the collection. */
  readonly name: string | null;
  readonly subresource: Subresource | null;
}

/** Null when there is nothing at that path. */
export function targetOf(kinds: KindRegistry, path: readonly string[]): RequestTarget | null {
  const [root, first = '', second = ''] = path;
  if (root === 'api') return inGroup(kinds, { group: '', version: first }, path.slice(2));
  // The core group is not served below /apis, not even as an empty name.
  if (root !== 'apis' || first === '') return null;
  return inGroup(kinds, { group: first, version: second }, path.slice(3));
}

function inGroup(
  kinds: KindRegistry,
  { group, version }: GroupVersion,
  rest: readonly string[],
): RequestTarget | null {
  const [first, second, third] = rest;
  const inside = first === 'namespaces' && second !== undefined && isPlural(kinds, third);
  const namespace = inside ? second : null;
  const [plural = '', name = null, part = null, extra] = inside ? rest.slice(2) : rest;
  const kind = kinds.at(group, version, plural);
  if (kind === null || extra !== undefined) return null;
  // Objects of a namespace are named inside it; others never are.
  const placed = kind.namespaced ? name === null || inside : !inside;
  if (!placed) return null;
  const subresource = kind.subresources.find((each) => each === part) ?? null;
  if (part !== null && subresource === null) return null;
  return { kind, namespace, name, subresource };
}

/** /namespaces/shop/pods is about pods, /namespaces/shop/status about the namespace. */
function isPlural({ kinds }: KindRegistry, word: string | undefined): boolean {
  return kinds.some(({ plural }) => plural === word);
}
