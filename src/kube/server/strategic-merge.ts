// Strategic merge patches of core objects (apimachinery pkg/util/strategicpatch): as a merge patch, but
// lists whose items have a key are merged item by item, and directives delete, replace and order.

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { ArraySchema, Fields, Schema } from '../kinds/schema.ts';

const ORDER = '$setElementOrder/';
const DELETE_FROM = '$deleteFromPrimitiveList/';

/** The object after the patch. @param fields those of the object; without them lists are replaced */
export function strategicMerge(
  target: JsonObject,
  patch: JsonObject,
  fields: Fields | undefined,
): JsonObject {
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  const result = new Map<string, JsonValue>(Object.entries(target));
  for (const [key, wanted] of Object.entries(patch)) {
    if (key.startsWith(DELETE_FROM))
      deletePrimitives(result, key.slice(DELETE_FROM.length), wanted);
    if (isDirective(key)) continue;
    if (wanted === null) {
      result.delete(key);
      continue;
    }
    const schema = fields !== undefined && Object.hasOwn(fields, key) ? fields[key] : undefined;
    const merged = mergeValue(result.get(key), wanted, schema, patch[`${ORDER}${key}`]);
    if (merged === undefined) result.delete(key);
    else result.set(key, merged);
  }
  retainKeys(result, patch.$retainKeys);
  return Object.fromEntries(result);
}

/** Undefined: the field goes. */
function mergeValue(
  before: JsonValue | undefined,
  wanted: JsonValue,
  schema: Schema | undefined,
  order: JsonValue | undefined,
): JsonValue | undefined {
  if (isJsonObject(wanted)) {
    if (wanted.$patch === 'delete') return undefined;
    const inner = schema?.type === 'object' ? schema.properties : undefined;
    return strategicMerge(isJsonObject(before) ? before : {}, wanted, inner);
  }
  if (isJsonArray(wanted) && schema?.type === 'array' && schema.keys !== undefined) {
    return mergeList(isJsonArray(before) ? before : [], wanted, schema, order);
  }
  return wanted;
}

function mergeList(
  before: readonly JsonValue[],
  wanted: readonly JsonValue[],
  { items, keys = [] }: ArraySchema,
  order: JsonValue | undefined,
): readonly JsonValue[] {
  const [key = ''] = keys;
  const fields = items.type === 'object' ? items.properties : undefined;
  let result = [...before];
  for (const item of wanted) {
    if (!isJsonObject(item)) continue;
    // Alone it says that the list is to be what else stands in the patch.
    if (item.$patch === 'replace' && item[key] === undefined) {
      return wanted.filter((each) => each !== item);
    }
    const at = result.findIndex((each) => isJsonObject(each) && each[key] === item[key]);
    const found = result[at];
    if (item.$patch === 'delete') {
      result = result.filter((each) => !isJsonObject(each) || each[key] !== item[key]);
    } else if (isJsonObject(found)) result[at] = strategicMerge(found, item, fields);
    else result.push(withoutDirectives(item));
  }
  return isJsonArray(order) ? inOrder(result, order, key) : result;
}

/** Items that the order names, in its order; others keep their place after them. */
function inOrder(
  list: readonly JsonValue[],
  order: readonly JsonValue[],
  key: string,
): readonly JsonValue[] {
  const rank = (item: JsonValue): number => {
    const at = order.findIndex(
      (each) => isJsonObject(each) && isJsonObject(item) && each[key] === item[key],
    );
    return at < 0 ? order.length : at;
  };
  return list.toSorted((a, b) => rank(a) - rank(b));
}

function deletePrimitives(result: Map<string, JsonValue>, key: string, gone: JsonValue): void {
  const before = result.get(key);
  if (!isJsonArray(before) || !isJsonArray(gone)) return;
  result.set(
    key,
    before.filter((item) => !gone.includes(item)),
  );
}

function retainKeys(result: Map<string, JsonValue>, keys: JsonValue | undefined): void {
  if (!isJsonArray(keys)) return;
  for (const key of [...result.keys()]) if (!keys.includes(key)) result.delete(key);
}

function isDirective(key: string): boolean {
  return (
    key === '$patch' ||
    key === '$retainKeys' ||
    key.startsWith(ORDER) ||
    key.startsWith(DELETE_FROM)
  );
}

function withoutDirectives(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !isDirective(key)));
}
