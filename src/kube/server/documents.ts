// Objects as the API server sends them over HTTP: lists, Tables, watch events, the answer to a delete.
// What stands here was observed to satisfy an unmodified kubectl 1.32.

import type { JsonObject, JsonValue } from '../json.ts';
import type { ColumnContext } from '../kinds/columns.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { asDocument, type KubeObject } from '../kinds/object.ts';
import type { ObjectList } from './memory.ts';
import { tableOf } from './table.ts';
import type { ChangeType } from './watch.ts';

/** `includeObject`: what each row of a Table carries besides its cells. */
export type IncludeObject = 'Metadata' | 'Object' | 'None';

/** kind `NodeList` and so on; items carry their own kind and apiVersion. */
export function listDocument<T extends KubeObject>(
  kind: Kind<T>,
  items: readonly T[],
  resourceVersion: ObjectList['resourceVersion'],
): JsonObject {
  return {
    kind: `${kind.name}List`,
    apiVersion: apiVersionOf(kind),
    metadata: { resourceVersion: String(resourceVersion) },
    items: items.map(asDocument),
  };
}

/** meta.k8s.io/v1 Table. Without a resourceVersion kubectl would watch from the beginning and show rows twice. */
export function tableDocument<T extends KubeObject>(
  kind: Kind<T>,
  items: readonly T[],
  context: ColumnContext,
  resourceVersion: number,
  include: IncludeObject = 'Metadata',
): JsonObject {
  const { rows } = tableOf(kind, items, context);
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata: { resourceVersion: String(resourceVersion) },
    columnDefinitions: columnDefinitions(kind),
    rows: rows.map(
      ({ cells, object }): JsonObject =>
        include === 'None' ? { cells } : { cells, object: rowObject(object, include) },
    ),
  };
}

function columnDefinitions({ columns }: Kind): readonly JsonObject[] {
  return columns.map(({ name, type, wide }) => ({
    name,
    type,
    format: name === 'Name' ? 'name' : '',
    description: '',
    priority: wide ? 1 : 0,
  }));
}

function rowObject(object: KubeObject, include: 'Metadata' | 'Object'): JsonValue {
  if (include === 'Object') return asDocument(object);
  const kind = 'PartialObjectMetadata';
  return { kind, apiVersion: 'meta.k8s.io/v1', metadata: object.metadata };
}

/** One line of a watch: `object` is a document of the form that the watch was asked for. */
export function watchDocument(
  type: ChangeType | 'BOOKMARK' | 'ERROR',
  object: JsonValue,
): JsonObject {
  return { type, object };
}

/** What DELETE answers. */
export function deletedDocument(kind: Kind, object: KubeObject): JsonObject {
  const { name, uid } = object.metadata;
  const group: JsonObject = kind.group === '' ? {} : { group: kind.group };
  const details: JsonObject = { name, ...group, kind: kind.plural, uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}
