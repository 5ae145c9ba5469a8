// The NetNamespaces of a list that request egress IPs: all that a tracker has to look at when it
// starts. Found once per list, however many trackers start from it.

import type { NetNamespace } from '../kinds/net-namespace.ts';

const selections = new WeakMap<readonly NetNamespace[], readonly NetNamespace[]>();

/** In the order of the list. */
export function requestersOf(list: readonly NetNamespace[]): readonly NetNamespace[] {
  let selection = selections.get(list);
  if (selection === undefined) {
    selection = list.filter((object) => (object.egressIPs ?? []).length > 0);
    selections.set(list, selection);
  }
  return selection;
}
