// Server-side apply (apimachinery pkg/util/managedfields, structured-merge-diff merge): what a manager
// sets it owns; what it set before and leaves out now goes, unless somebody else owns it; to change what
// another manager owns is a conflict, which `force` decides for the one who applies.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, jsonEquals } from '../json.ts';
import { apiVersionOf, type Kind } from '../kinds/kind.ts';
import { metadataOf } from '../kinds/object.ts';
import type { Fields, Schema } from '../kinds/schema.ts';
import {
  type FieldPath,
  type FieldSet,
  fieldValue,
  isItem,
  itemStep,
  ownableFields,
  withoutField,
} from './field-set.ts';
import { isBy, type Ownership, ownershipsOf, withOwnerships } from './managed-fields.ts';

/** An applied configuration. */
export interface AppliedConfiguration {
  /** What the manager wants of the object. */
  readonly configuration: JsonObject;
  readonly manager: string;
  /** The part of the object that is applied: '' or 'status'. */
  readonly subresource: string;
  /** Take over what others own. */
  readonly force: boolean;
  /** Now, as objects are stamped. */
  readonly time: string;
}

/** A field that another manager owns and that would change. */
export interface FieldConflict {
  readonly owner: Ownership;
  readonly path: FieldPath;
}

/** The object after an apply, or what stands against it. */
export type Applied =
  | { readonly ok: true; readonly document: JsonObject }
  | { readonly ok: false; readonly conflicts: readonly FieldConflict[] };

/** @param live the object as it stands; null creates it */
export function applyConfiguration(
  kind: Kind,
  live: JsonObject | null,
  application: AppliedConfiguration,
): Applied {
  const { force, manager, subresource, time } = application;
  const { managedFields: _given, ...metadata } = metadataOf(application.configuration);
  const wanted: JsonObject = { ...application.configuration, metadata };
  const fields = ownableFields(wanted, kind.fields);
  const base = live ?? { ...wanted };
  const known = live === null ? [] : (ownershipsOf(live) ?? beforeFirstApply(kind, live));
  const identity = { name: manager, operation: 'Apply', subresource } as const;
  const mine = known.find((each) => isBy(each, identity));
  const others = known.filter((each) => each !== mine);
  const conflicts = others.flatMap((owner) =>
    [...fields]
      .filter(([key]) => owner.fields.has(key))
      .filter(([, path]) => !jsonEquals(fieldValue(base, path), fieldValue(wanted, path)))
      .map(([, path]) => ({ owner, path })),
  );
  if (conflicts.length > 0 && !force) return { ok: false, conflicts };
  const lost = new Set(conflicts.map(({ path }) => JSON.stringify(path)));
  const left = others.map((each) => ({
    ...each,
    fields: new Map([...each.fields].filter(([key]) => !lost.has(key))),
  }));
  const merged = mergeFields(base, wanted, kind.fields);
  const document = dropped(merged, mine?.fields ?? NOTHING, wanted, left);
  const same = mine !== undefined && sameSet(mine.fields, fields);
  const own: Ownership = {
    ...identity,
    apiVersion: apiVersionOf(kind),
    time: same ? mine.time : time,
    fields,
  };
  return { ok: true, document: withOwnerships(document, [own, ...left]) };
}

const NOTHING: FieldSet = new Map();

/** What a client-side apply makes of an object: what is wanted now, without what was applied before and is left out now. */
export function mergeConfiguration(
  kind: Kind,
  live: JsonObject,
  before: JsonObject,
  wanted: JsonObject,
): JsonObject {
  const merged = mergeFields(live, wanted, kind.fields);
  return dropped(merged, ownableFields(before, kind.fields), wanted, []);
}

/** What was there before anybody applied anything belongs to a manager of its own. */
function beforeFirstApply(kind: Kind, live: JsonObject): readonly Ownership[] {
  const { creationTimestamp } = metadataOf(live);
  return [
    {
      name: 'before-first-apply',
      operation: 'Update',
      subresource: '',
      apiVersion: apiVersionOf(kind),
      time: typeof creationTimestamp === 'string' ? creationTimestamp : '',
      fields: ownableFields(live, kind.fields),
    },
  ];
}

/** Without what the manager owned, wants no longer, and nobody else owns. */
function dropped(
  document: JsonObject,
  before: FieldSet,
  wanted: JsonObject,
  others: readonly Ownership[],
): JsonObject {
  let result: JsonValue = document;
  for (const [key, path] of before) {
    const isKept =
      fieldValue(wanted, path) !== undefined || others.some(({ fields }) => fields.has(key));
    if (!isKept) result = withoutField(result, path);
  }
  return isJsonObject(result) ? result : document;
}

function sameSet(a: FieldSet, b: FieldSet): boolean {
  return a.size === b.size && [...a.keys()].every((key) => b.has(key));
}

function mergeFields(live: JsonObject, wanted: JsonObject, fields: Fields | undefined): JsonObject {
  const result = new Map<string, JsonValue>(Object.entries(live));
  for (const [key, value] of Object.entries(wanted)) {
    result.set(key, mergeValue(result.get(key), value, fields?.[key]));
  }
  return Object.fromEntries(result);
}

function mergeValue(
  live: JsonValue | undefined,
  wanted: JsonValue,
  schema: Schema | undefined,
): JsonValue {
  if (isJsonObject(wanted)) {
    const inner = schema?.type === 'object' ? schema.properties : undefined;
    return mergeFields(isJsonObject(live) ? live : {}, wanted, inner);
  }
  const keys = schema?.type === 'array' ? schema.keys : undefined;
  if (!isJsonArray(wanted) || keys === undefined || schema?.type !== 'array') return wanted;
  const result = isJsonArray(live) ? [...live] : [];
  for (const item of wanted) {
    if (!isJsonObject(item)) continue;
    const step = itemStep(item, keys);
    const at = result.findIndex((each) => isItem(each, step));
    if (at < 0) result.push(item);
    else result[at] = mergeValue(result[at], item, schema.items);
  }
  return result;
}
