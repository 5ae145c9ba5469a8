// The objects of a kind as they were at an earlier version: what is there now, with the changes since
// then taken back. Only versions that the store still remembers can be had.

import type { Kind } from '../kinds/kind.ts';
import { type KubeObject, objectKey } from '../kinds/object.ts';
import type { ObjectStore } from './store.ts';

/** By key, in no order; null when the changes since that version are no longer all known. */
export function snapshotAt<T extends KubeObject>(
  store: ObjectStore,
  kind: Kind<T>,
  version: number,
): ReadonlyMap<string, T> | null {
  if (version < store.forgotten) return null;
  const objects = new Map<string, T>();
  for (const object of store.list(kind).items) objects.set(objectKey(object), object);
  for (const change of store.changesSince(kind, version).toReversed()) {
    const key = objectKey(change.object);
    if (change.previous === null) objects.delete(key);
    else objects.set(key, change.previous);
  }
  return objects;
}
