// From a selection to the objects it means, with kubectl's complaints about those that are not there.

import type { Kind, KubeObject } from '../kinds/objects.ts';
import type { Resource } from '../kinds/resources.ts';
import { matchesFields, matchesLabels } from '../server/selector.ts';
import { notFound } from '../server/status.ts';
import type { Selection, Target } from './command.ts';
import type { OcEnvironment } from './environment.ts';
import { failureText } from './failures.ts';

/** An object that a selection means. */
export interface Found {
  readonly resource: Resource;
  readonly object: KubeObject;
}

export interface Findings {
  readonly found: readonly Found[];
  /** What to print on stderr; '' when everything that was named exists. */
  readonly complaints: string;
}

/** All objects of a selection: named ones in the order of their names, others sorted by key. */
export function findObjects(selection: Selection, environment: OcEnvironment): Findings {
  const found: Found[] = [];
  let complaints = '';
  for (const target of selection.targets) {
    const { name, resource } = target;
    if (name === null) {
      for (const object of listObjects(target, selection, environment))
        found.push({ resource, object });
      continue;
    }
    const object = findObject(resource, name, selection.namespace, environment);
    if (object !== null) found.push({ resource, object });
    else if (!selection.ignoreNotFound)
      complaints += failureText(notFound(resource, name), resource);
  }
  return { found, complaints };
}

/** One object by name; a pod that is not in the current project may be a pod of the SDN. */
export function findObject(
  resource: Resource,
  name: string,
  namespace: string | null,
  { namespace: current, store, systemNamespace }: OcEnvironment,
): KubeObject | null {
  if (!resource.namespaced) return store.get(resource.kind, name);
  const object = store.get(resource.kind, name, namespace ?? current);
  if (object !== null || namespace !== null || resource.kind !== 'Pod') return object;
  return store.get(resource.kind, name, systemNamespace);
}

function listObjects(
  { resource }: Target,
  selection: Selection,
  environment: OcEnvironment,
): readonly KubeObject[] {
  const items: readonly KubeObject[] = environment.store.list<Kind>(resource.kind).items;
  return items.filter((object) => isMeant(object, resource, selection, environment));
}

/** True when a listed or watched object is one that the selection means. */
export function isMeant(
  object: KubeObject,
  resource: Resource,
  selection: Selection,
  environment: OcEnvironment,
): boolean {
  const namespace = selection.namespace ?? environment.namespace;
  const here =
    !resource.namespaced || selection.allNamespaces || object.metadata.namespace === namespace;
  return here && matchesLabels(object, selection.labels) && matchesFields(object, selection.fields);
}
