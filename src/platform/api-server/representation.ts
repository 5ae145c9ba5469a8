// In which form a client wants objects, and the objects in that form. kubectl asks for a Table and
// takes plain objects; typed clients ask for protobuf first and take JSON.

import type { JsonObject } from '../../kube/json.ts';
import type { ColumnContext } from '../../kube/kinds/columns.ts';
import type { Kind } from '../../kube/kinds/kind.ts';
import { asDocument, type KubeObject, metadataOf } from '../../kube/kinds/object.ts';
import { type IncludeObject, listDocument, tableDocument } from '../../kube/server/documents.ts';

/** What is sent of a list. */
export interface Page {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: number;
  /** '' when nothing follows. */
  readonly continue: string;
  /** How many follow; null when nothing does or a selector picks among them. */
  readonly remaining: number | null;
}

/** 'none': nothing that the server has. */
export type Form = 'objects' | 'none' | IncludeObject;

/** The form that an Accept header and `includeObject` ask for: a Table with what its rows carry, or objects. */
export function formOf(accept: string, includeObject: string | null): Form {
  for (const range of accept === '' ? ['*/*'] : accept.split(',')) {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
    if (!['application/json', 'application/*', '*/*'].includes(type.toLowerCase())) continue;
    const kind = parameters.find((parameter) => parameter.startsWith('as='))?.slice(3);
    if (kind === undefined) return 'objects';
    if (kind === 'Table') return includeOf(includeObject);
  }
  return 'none';
}

function includeOf(text: string | null): IncludeObject {
  return text === 'Object' || text === 'None' ? text : 'Metadata';
}

/** A list of objects in a form other than 'none'. */
export function listIn(
  form: Form,
  kind: Kind,
  { continue: next, items, remaining, resourceVersion }: Page,
  context: ColumnContext,
): JsonObject {
  const document =
    form === 'objects' || form === 'none'
      ? listDocument(kind, items, resourceVersion)
      : tableDocument(kind, items, context, resourceVersion, form);
  if (next === '') return document;
  const count: JsonObject = remaining === null ? {} : { remainingItemCount: remaining };
  return { ...document, metadata: { ...metadataOf(document), continue: next, ...count } };
}

/** One object in a form other than 'none'. */
export function objectIn(
  form: Form,
  kind: Kind,
  object: KubeObject,
  context: ColumnContext,
): JsonObject {
  if (form === 'objects' || form === 'none') return asDocument(object);
  const version = Number(object.metadata.resourceVersion);
  return tableDocument(kind, [object], context, version, form);
}
