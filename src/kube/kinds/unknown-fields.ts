// Fields that a kind does not have: named in warnings and strict refusals, and dropped before an object
// is stored (apiextensions structural pruning). Parts that a kind leaves open keep everything.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { Kind } from './kind.ts';
import { COMMON_FIELDS } from './meta-fields.ts';
import type { Fields, Schema } from './schema.ts';

/** A document without the fields that its kind does not have, and the paths of what was dropped. */
export interface PrunedDocument {
  /** The same document when nothing was dropped. */
  readonly document: JsonObject;
  /** Such as 'metadata.lables' or 'spec.taints[0].efect', in the order of the document. */
  readonly unknown: readonly string[];
}

/** Drops what the kind does not know. */
export function pruneUnknown(kind: Kind, document: JsonObject): PrunedDocument {
  const unknown: string[] = [];
  const pruned = pruneFields('', document, { ...COMMON_FIELDS, ...kind.fields }, false, unknown);
  return { document: unknown.length === 0 ? document : pruned, unknown };
}

function pruneFields(
  path: string,
  object: JsonObject,
  fields: Fields,
  open: boolean,
  unknown: string[],
): JsonObject {
  const kept: [string, JsonValue][] = [];
  for (const [name, value] of Object.entries(object)) {
    const at = path === '' ? name : `${path}.${name}`;
    const schema = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (schema !== undefined) kept.push([name, pruneValue(at, value, schema, unknown)]);
    else if (open) kept.push([name, value]);
    else unknown.push(at);
  }
  return Object.fromEntries(kept);
}

function pruneValue(path: string, value: JsonValue, schema: Schema, unknown: string[]): JsonValue {
  if (schema.type === 'object' && isJsonObject(value)) {
    return pruneFields(path, value, schema.properties, schema.open ?? false, unknown);
  }
  if (schema.type === 'array' && isJsonArray(value)) {
    return value.map((item, at) => pruneValue(`${path}[${at}]`, item, schema.items, unknown));
  }
  return value;
}
