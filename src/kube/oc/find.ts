// From a selection to the objects it means, with kubectl's complaints about those that are not there.

import type { Kind } from '../kinds/kind.ts';
import type { KubeObject } from '../kinds/object.ts';
import { Pods } from '../kinds/pod.ts';
import { matchesFields, matchesLabels } from '../server/selector.ts';
import { notFound } from '../server/status.ts';
import type { Selection, Target } from './command.ts';
import type { OcEnvironment } from './environment.ts';
import { failureText } from './failures.ts';

/** An object that a selection means. */
export interface Found {
  readonly kind: Kind;
  readonly object: KubeObject;
}

/** What a selection came to. */
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
    const { kind, name } = target;
    if (name === null) {
      for (const object of listObjects(target, selection, environment))
        found.push({ kind, object });
      continue;
    }
    const object = findObject(kind, name, target.namespace ?? selection.namespace, environment);
    if (object !== null) found.push({ kind, object });
    else if (!selection.ignoreNotFound) complaints += failureText(notFound(kind, name), kind);
  }
  return { found, complaints };
}

/** One object by name; a pod that is not in the current project may be a pod of the SDN. */
export function findObject<T extends KubeObject>(
  kind: Kind<T>,
  name: string,
  namespace: string | null,
  { namespace: current, store, systemNamespace }: OcEnvironment,
): T | null {
  if (!kind.namespaced) return store.get(kind, name);
  const object = store.get(kind, name, namespace ?? current);
  if (object !== null || namespace !== null || kind.name !== Pods.name) return object;
  return store.get(kind, name, systemNamespace);
}

function listObjects(
  { kind }: Target,
  selection: Selection,
  environment: OcEnvironment,
): readonly KubeObject[] {
  const { items } = environment.store.list(kind);
  return items.filter((object) => isMeant(object, kind, selection, environment));
}

/** True when a listed or watched object is one that the selection means. */
export function isMeant(
  object: KubeObject,
  kind: Kind,
  selection: Selection,
  environment: OcEnvironment,
): boolean {
  const namespace = selection.namespace ?? environment.namespace;
  const here =
    !kind.namespaced || selection.allNamespaces || object.metadata.namespace === namespace;
  return here && matchesLabels(object, selection.labels) && matchesFields(object, selection.fields);
}
