// The patch formats of the API server as pure functions on JSON: merge patch (RFC 7386) and JSON
// patch (RFC 6902, pointers after RFC 6901). Strategic merge patches have a file of their own.

import {
  isJsonArray,
  isJsonObject,
  type JsonObject,
  type JsonValue,
  jsonEquals,
  withoutKey,
} from '../json.ts';

/** The formats of patches. */
export const PatchType = { Json: 'json', Merge: 'merge', Strategic: 'strategic' } as const;
/** As `--type` names them. */
export type PatchType = (typeof PatchType)[keyof typeof PatchType];

/** Go's encoding/json refuses deeper documents at 10,000; nothing real is deeper than this. */
const MAX_JSON_DEPTH = 64;
/** Of a document as stored: an object of today, patched by what may be that deep itself. */
export const MAX_DOCUMENT_DEPTH: number = 2 * MAX_JSON_DEPTH;
/** apiserver maxJSONPatchOperations. */
export const MAX_PATCH_OPERATIONS = 10_000;

/** JSONPatchMaxCopyBytes of apiserver pkg/server/config.go: what all copies of one patch may add. */
const MAX_COPIED_OCTETS = 3 * 1024 * 1024;

/** True when arrays and objects nest at most `limit` levels deep. */
export function isShallow(value: JsonValue, limit: number = MAX_JSON_DEPTH): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (limit === 0) return false;
  const items = isJsonArray(value) ? value : Object.values(value);
  return items.every((item) => isShallow(item, limit - 1));
}

/** RFC 7386: objects merge, null deletes, everything else replaces. Unchanged parts keep their identity. */
export function mergePatch(target: JsonValue | undefined, patch: JsonValue): JsonValue {
  if (!isJsonObject(patch)) return patch;
  const result = new Map<string, JsonValue>(isJsonObject(target) ? Object.entries(target) : []);
  let changed = !isJsonObject(target);
  for (const [key, wanted] of Object.entries(patch)) {
    const before = result.get(key);
    if (wanted === null) {
      changed = result.delete(key) || changed;
      continue;
    }
    const after = mergePatch(before, wanted);
    if (before !== undefined && jsonEquals(before, after)) continue;
    result.set(key, after);
    changed = true;
  }
  return !changed && isJsonObject(target) ? target : Object.fromEntries(result);
}

/** What a JSON patch gave: the new document, or why it does not apply. */
export type PatchOutcome =
  | { readonly ok: true; readonly value: JsonValue }
  | { readonly ok: false; readonly message: string };

class PatchFailure extends Error {}

/** RFC 6902: all operations in order, or none. */
export function jsonPatch(target: JsonValue, operations: readonly JsonValue[]): PatchOutcome {
  let value = target;
  let copied = 0;
  try {
    for (const operation of operations) {
      if (isJsonObject(operation) && operation.op === 'copy') {
        // A few dozen copies of the whole into itself would be a document of billions of values.
        copied += JSON.stringify(read(value, pointer(operation, 'from'))).length;
        if (copied > MAX_COPIED_OCTETS) throw new PatchFailure('too much is copied');
      }
      value = applyOperation(value, operation);
    }
  } catch (error) {
    if (error instanceof PatchFailure) return { ok: false, message: error.message };
    throw error;
  }
  return { ok: true, value };
}

function applyOperation(document: JsonValue, operation: JsonValue): JsonValue {
  if (!isJsonObject(operation)) throw new PatchFailure('an operation is not an object');
  const { op, value } = operation;
  const path = pointer(operation, 'path');
  const needsValue = (): JsonValue => {
    if (value === undefined) throw new PatchFailure(`operation ${String(op)} has no value`);
    return value;
  };
  switch (op) {
    case 'add':
      return put(document, path, needsValue(), true);
    case 'replace':
      read(document, path);
      return put(document, path, needsValue(), false);
    case 'remove':
      return remove(document, path);
    case 'copy':
      return put(document, path, read(document, pointer(operation, 'from')), true);
    case 'move': {
      const from = pointer(operation, 'from');
      if (path.length > from.length && from.every((token, at) => token === path[at])) {
        throw new PatchFailure('a value cannot move into itself');
      }
      return put(remove(document, from), path, read(document, from), true);
    }
    case 'test':
      if (!jsonEquals(read(document, path), needsValue())) throw new PatchFailure('test failed');
      return document;
    default:
      throw new PatchFailure(`unexpected kind: ${String(op)}`);
  }
}

function pointer(operation: JsonObject, key: 'path' | 'from'): readonly string[] {
  const text = operation[key];
  if (typeof text !== 'string' || (text !== '' && !text.startsWith('/'))) {
    throw new PatchFailure(`${key} is not a JSON pointer`);
  }
  const tokens = text.split('/').slice(1);
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function indexIn(list: readonly JsonValue[], token: string, limit: number): number {
  const index = /^(0|[1-9]\d*)$/.test(token) ? Number(token) : -1;
  if (index < 0 || index > limit)
    throw new PatchFailure(`no index ${token} in a list of ${list.length}`);
  return index;
}

function child(document: JsonValue, token: string): JsonValue {
  if (isJsonArray(document)) return document[indexIn(document, token, document.length - 1)] ?? null;
  if (isJsonObject(document) && Object.hasOwn(document, token)) return document[token] ?? null;
  throw new PatchFailure(`nothing at ${token}`);
}

function read(document: JsonValue, path: readonly string[]): JsonValue {
  return path.reduce(child, document);
}

function put(
  document: JsonValue,
  path: readonly string[],
  value: JsonValue,
  insert: boolean,
): JsonValue {
  const [token, ...rest] = path;
  if (token === undefined) return value;
  if (isJsonArray(document)) {
    if (rest.length > 0) {
      const index = indexIn(document, token, document.length - 1);
      return document.with(index, put(document[index] ?? null, rest, value, insert));
    }
    const limit = insert ? document.length : document.length - 1;
    const index = insert && token === '-' ? document.length : indexIn(document, token, limit);
    return document.toSpliced(index, insert ? 0 : 1, value);
  }
  if (!isJsonObject(document)) throw new PatchFailure(`nothing at ${token}`);
  const after = rest.length > 0 ? put(child(document, token), rest, value, insert) : value;
  return Object.fromEntries(new Map(Object.entries(document)).set(token, after));
}

function remove(document: JsonValue, path: readonly string[]): JsonValue {
  const [token, ...rest] = path;
  if (token === undefined) throw new PatchFailure('the whole document cannot be removed');
  const inner = child(document, token);
  if (rest.length > 0) return put(document, [token], remove(inner, rest), false);
  if (isJsonArray(document)) return document.toSpliced(Number(token), 1);
  return isJsonObject(document) ? withoutKey(document, token) : document;
}
