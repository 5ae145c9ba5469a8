// Sets of fields of an object, as server-side apply keeps them (structured-merge-diff fieldpath, and
// metav1.FieldsV1 for how they are written): a field is a path of steps 'f:spec', 'k:{"type":"Ready"}'.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, withoutKey } from '../json.ts';
import type { Fields, Schema } from '../kinds/schema.ts';

/** The steps from the root of an object to one of its fields; '.' last means the list item itself. */
export type FieldPath = readonly string[];

/** Fields by their written form, so that sets can be compared. */
export type FieldSet = ReadonlyMap<string, FieldPath>;

/** What nobody owns. */
const UNOWNED_METADATA = [
  'name',
  'namespace',
  'uid',
  'resourceVersion',
  'creationTimestamp',
  'generation',
  'managedFields',
  'selfLink',
];

/** The set of these paths. */
export function fieldSet(paths: Iterable<FieldPath>): FieldSet {
  return new Map([...paths].map((path) => [JSON.stringify(path), path]));
}

/** The fields of a document whose values can be owned: leaves, whole lists without keys, keyed items. */
export function ownableFields(document: JsonObject, fields: Fields): FieldSet {
  const { metadata, ...rest } = document;
  const own = UNOWNED_METADATA.reduce<JsonObject>(
    withoutKey,
    isJsonObject(metadata) ? metadata : {},
  );
  const { apiVersion: _version, kind: _kind, ...content } = rest;
  const paths = [...objectPaths(content, fields, [])];
  if (Object.keys(own).length > 0) paths.push(...objectPaths(own, undefined, ['f:metadata']));
  return fieldSet(paths);
}

function* objectPaths(
  object: JsonObject,
  fields: Fields | undefined,
  path: FieldPath,
): Generator<FieldPath> {
  const entries = Object.entries(object);
  if (entries.length === 0 && path.length > 0) yield path;
  for (const [key, value] of entries) {
    yield* valuePaths(value, fields?.[key], [...path, `f:${key}`]);
  }
}

function* valuePaths(
  value: JsonValue,
  schema: Schema | undefined,
  path: FieldPath,
): Generator<FieldPath> {
  if (isJsonObject(value)) {
    yield* objectPaths(value, schema?.type === 'object' ? schema.properties : undefined, path);
    return;
  }
  const keys = schema?.type === 'array' ? schema.keys : undefined;
  if (!isJsonArray(value) || keys === undefined || schema?.type !== 'array') {
    yield path;
    return;
  }
  for (const item of value) {
    if (!isJsonObject(item)) continue;
    const inside = [...path, itemStep(item, keys)];
    yield [...inside, '.'];
    yield* valuePaths(item, schema.items, inside);
  }
}

/** 'k:{"type":"Ready"}' */
export function itemStep(item: JsonObject, keys: readonly string[]): string {
  const sorted = keys.toSorted().map((key) => [key, item[key] ?? null]);
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

/** What a step leads to; undefined when there is nothing. */
function stepInto(value: JsonValue | undefined, step: string): JsonValue | undefined {
  if (step === '.') return value === undefined ? undefined : {};
  if (step.startsWith('f:')) {
    const key = step.slice(2);
    return isJsonObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  }
  return isJsonArray(value) ? value.find((item) => isItem(item, step)) : undefined;
}

/** Whether a list item is the one that a step 'k:...' names. */
export function isItem(item: JsonValue, step: string): boolean {
  if (!isJsonObject(item)) return false;
  const wanted: unknown = JSON.parse(step.slice(2));
  if (typeof wanted !== 'object' || wanted === null) return false;
  return Object.entries(wanted).every(([key, value]) => item[key] === value);
}

/** The value of a field; undefined when the document has none. */
export function fieldValue(document: JsonObject, path: FieldPath): JsonValue | undefined {
  return path.reduce<JsonValue | undefined>(stepInto, document);
}

/** The document without one field. */
export function withoutField(value: JsonValue, path: FieldPath): JsonValue {
  const [step = '', ...rest] = path;
  const last = rest.length === 0 || rest[0] === '.';
  if (step.startsWith('f:')) {
    const key = step.slice(2);
    if (!isJsonObject(value) || !Object.hasOwn(value, key)) return value;
    if (last) return withoutKey(value, key);
    return { ...value, [key]: withoutField(value[key] ?? null, rest) };
  }
  if (!isJsonArray(value)) return value;
  if (last) return value.filter((item) => !isItem(item, step));
  return value.map((item) => (isItem(item, step) ? withoutField(item, rest) : item));
}

/** '.spec.taints[key="a",effect="b"].value', as conflicts name fields. */
export function shownField(path: FieldPath): string {
  return path
    .filter((step) => step !== '.')
    .map((step) => {
      if (step.startsWith('f:')) return `.${step.slice(2)}`;
      const item: unknown = JSON.parse(step.slice(2));
      const pairs = Object.entries(item ?? {}).map(
        ([key, value]) => `${key}=${JSON.stringify(value)}`,
      );
      return `[${pairs.join(',')}]`;
    })
    .join('');
}

/** metav1.FieldsV1: the paths as nested objects. */
export function toFieldsV1(set: FieldSet): JsonObject {
  return treeOf(
    [...set.values()].toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  );
}

function treeOf(paths: readonly FieldPath[]): JsonObject {
  const branches = new Map<string, FieldPath[]>();
  for (const [step, ...rest] of paths) {
    if (step === undefined) continue;
    branches.set(step, [...(branches.get(step) ?? []), rest]);
  }
  return Object.fromEntries([...branches].map(([step, rests]) => [step, treeOf(rests)]));
}

/** The paths of metav1.FieldsV1; what is no step is skipped, so bytes from outside never throw. */
export function fromFieldsV1(tree: JsonValue | undefined): FieldSet {
  return fieldSet(isJsonObject(tree) ? treePaths(tree, []) : []);
}

function* treePaths(tree: JsonObject, path: FieldPath): Generator<FieldPath> {
  for (const [step, inner] of Object.entries(tree)) {
    const isStep = step === '.' || step.startsWith('f:') || isItemStep(step);
    if (!isStep || !isJsonObject(inner)) continue;
    if (Object.keys(inner).length === 0) yield [...path, step];
    else yield* treePaths(inner, [...path, step]);
  }
}

function isItemStep(step: string): boolean {
  if (!step.startsWith('k:{')) return false;
  try {
    JSON.parse(step.slice(2));
    return true;
  } catch {
    return false;
  }
}
