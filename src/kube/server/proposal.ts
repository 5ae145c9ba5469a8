// From what a client sends to the document that would be stored: everything the API server checks
// about a write, in its order (apiserver pkg/endpoints/handlers/patch.go, pkg/registry/rest).

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, withoutKey } from '../json.ts';
import { hasStatus, type Kind } from '../kinds/kind.ts';
import { COMMON_FIELDS } from '../kinds/meta-fields.ts';
import { asDocument, type KubeObject, metadataOf } from '../kinds/object.ts';
import { pruneUnknown } from '../kinds/unknown-fields.ts';
import { validate } from '../kinds/validation.ts';
import {
  isShallow,
  jsonPatch,
  MAX_DOCUMENT_DEPTH,
  MAX_PATCH_OPERATIONS,
  mergePatch,
  PatchType,
} from './patch.ts';
import type { Status } from './status.ts';
import * as status from './status.ts';
import { strategicMerge } from './strategic-merge.ts';

/** The document after a write, or why the server refuses it. */
export type Proposal =
  | { readonly ok: true; readonly document: JsonObject; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly status: Status };

/** What of an object a write may change: all of it (the lab's own components), all but `status`, or `status` alone. */
export type ObjectPart = 'whole' | 'main' | 'status';

/** What becomes of fields that the kind does not have: 'keep' for the lab's own components, the others as `fieldValidation` says. */
export type UnknownFields = 'keep' | 'drop' | 'warn' | 'refuse';

/** How a write is to be looked at. */
export interface Terms {
  readonly part: ObjectPart;
  readonly unknownFields: UnknownFields;
}

/** What the server alone decides; a client's word on it does not count. */
const SERVER_FIELDS = ['name', 'namespace', 'uid', 'creationTimestamp', 'resourceVersion'];

/** A new object as it would be stored, still without what the server fills in. */
export function proposeNew(kind: Kind, given: JsonObject, terms: Terms): Proposal {
  const { name, namespace } = metadataOf(given);
  const known = withoutUnknown(kind, given, terms.unknownFields);
  if (!known.ok) {
    const why = `${kind.name} in version "${kind.version}" cannot be handled as a ${kind.name}: ${known.why}`;
    return refuse(status.badRequest(why));
  }
  const { document, warnings } = known;
  const causes = validate(kind, document);
  if (causes.length > 0) return refuse(status.invalid(kind, String(name ?? ''), causes));
  if (kind.namespaced !== (typeof namespace === 'string' && namespace !== '')) {
    return refuse(status.badRequest('an empty namespace may not be set during creation'));
  }
  const keepsStatus = terms.part === 'whole' || kind.bringsStatus || !hasStatus(kind);
  const kept = keepsStatus ? document : withoutKey(document, 'status');
  return { ok: true, document: kind.complete(kept), warnings };
}

/** A stored object after a patch. */
export function proposePatch(
  kind: Kind,
  current: KubeObject,
  type: PatchType,
  body: JsonValue,
  terms: Terms,
): Proposal {
  if (type === PatchType.Strategic && kind.custom) {
    return refuse(status.unsupportedPatchType(true));
  }
  if (!isShallow(body)) {
    return refuse(status.badRequest('error decoding patch: exceeded max depth'));
  }
  const document = asDocument(current);
  const patched =
    type === PatchType.Json ? patchJson(document, body) : patchMerge(kind, document, type, body);
  return patched.ok ? proposeUpdate(kind, current, patched.document, terms) : patched;
}

/** A stored object after it was replaced. */
export function proposeUpdate(
  kind: Kind,
  current: KubeObject,
  given: JsonObject,
  terms: Terms,
): Proposal {
  if (terms.part === 'status' && !hasStatus(kind)) return refuse(status.pathNotFound());
  const { name, resourceVersion } = current.metadata;
  const moved = identityChange(current, given);
  if (moved !== null) return refuse(status.badRequest(moved));
  const expected = metadataOf(given).resourceVersion ?? '';
  if (expected !== '' && expected !== resourceVersion) {
    return refuse(status.conflict(kind, name));
  }
  const known = withoutUnknown(
    kind,
    partOf(kind, asDocument(current), given, terms.part),
    terms.unknownFields,
  );
  if (!known.ok) {
    const message = `Invalid value: ${JSON.stringify(given)}: ${known.why}`;
    const cause = { reason: 'FieldValueInvalid', message, field: 'patch' };
    return refuse(status.invalid(kind, name, [cause]));
  }
  const { document: wanted, warnings } = known;
  const causes = validate(kind, wanted);
  if (causes.length > 0) return refuse(status.invalid(kind, name, causes));
  const metadata = keepServerFields(metadataOf(asDocument(current)), metadataOf(wanted));
  return { ok: true, document: { ...wanted, metadata }, warnings };
}

type Known =
  | { readonly ok: true; readonly document: JsonObject; readonly warnings: readonly string[] }
  | { readonly ok: false; readonly why: string };

function withoutUnknown(kind: Kind, given: JsonObject, what: UnknownFields): Known {
  if (what === 'keep') return { ok: true, document: given, warnings: [] };
  const { document, unknown } = pruneUnknown(kind, given);
  const texts = unknown.map((path) => `unknown field ${JSON.stringify(path)}`);
  if (what === 'refuse' && texts.length > 0) {
    return { ok: false, why: `strict decoding error: ${texts.join(', ')}` };
  }
  return { ok: true, document, warnings: what === 'warn' ? texts : [] };
}

/** The stored document with the part that this write may change taken from the given one. */
function partOf(kind: Kind, current: JsonObject, given: JsonObject, part: ObjectPart): JsonObject {
  if (part === 'whole' || !hasStatus(kind)) return given;
  return part === 'main' ? withStatusOf(given, current) : withStatusOf(current, given);
}

function withStatusOf(document: JsonObject, { status: found }: JsonObject): JsonObject {
  return found === undefined ? withoutKey(document, 'status') : { ...document, status: found };
}

function refuse(refusal: Status): Proposal {
  return { ok: false, status: refusal };
}

function patchJson(document: JsonObject, body: JsonValue): Proposal {
  if (!isJsonArray(body)) return refuse(status.badRequest(notA('[]interface {}', body)));
  if (body.length > MAX_PATCH_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_PATCH_OPERATIONS}, got ${body.length}`;
    return refuse(status.badRequest(message));
  }
  const outcome = jsonPatch(document, body);
  if (!outcome.ok || !isJsonObject(outcome.value)) return refuse(status.unprocessable());
  // A copy, or an addition below another one, nests deeper than the patch itself.
  if (!isShallow(outcome.value, MAX_DOCUMENT_DEPTH)) return refuse(status.unprocessable());
  return { ok: true, document: outcome.value, warnings: [] };
}

function patchMerge(kind: Kind, document: JsonObject, type: PatchType, body: JsonValue): Proposal {
  if (isJsonObject(body)) {
    const fields = { ...COMMON_FIELDS, ...kind.fields };
    const merged =
      type === PatchType.Strategic
        ? strategicMerge(document, body, fields)
        : mergePatch(document, body);
    if (isJsonObject(merged)) return { ok: true, document: merged, warnings: [] };
  }
  return refuse(status.badRequest(notA('map[string]interface {}', body)));
}

function notA(wanted: string, body: JsonValue): string {
  const found = isJsonArray(body) ? 'array' : isJsonObject(body) ? 'object' : typeof body;
  const goName = found === 'boolean' ? 'bool' : found;
  return `error decoding patch: json: cannot unmarshal ${goName} into Go value of type ${wanted}`;
}

/** A write through one name cannot give the object another one. */
function identityChange(current: KubeObject, wanted: JsonObject): string | null {
  const { name, namespace } = metadataOf(wanted);
  const { metadata } = current;
  if (wanted.kind !== current.kind || wanted.apiVersion !== current.apiVersion) {
    return `the API version in the data (${String(wanted.apiVersion)}) does not match the expected API version (${current.apiVersion})`;
  }
  if (name !== undefined && name !== metadata.name) {
    return `the name of the object (${String(name)}) does not match the name on the URL (${metadata.name})`;
  }
  if (namespace !== undefined && namespace !== metadata.namespace) {
    return 'the namespace of the provided object does not match the namespace sent on the request';
  }
  return null;
}

function keepServerFields(own: JsonObject, given: JsonObject): JsonObject {
  const result = new Map<string, JsonValue>(Object.entries(given));
  for (const key of SERVER_FIELDS) {
    const value = own[key];
    if (value !== undefined) result.set(key, value);
  }
  const { managedFields = own.managedFields } = given;
  const isReset = isJsonArray(managedFields) && managedFields.every(isEmptyObject);
  if (managedFields !== undefined) result.set('managedFields', managedFields);
  if (isReset) result.delete('managedFields');
  for (const key of ['labels', 'annotations']) {
    const value = result.get(key);
    if (isJsonObject(value) && Object.keys(value).length === 0) result.delete(key);
  }
  return Object.fromEntries(result);
}

/** `managedFields: [{}]` asks for the list to be forgotten. */
function isEmptyObject(value: JsonValue): boolean {
  return isJsonObject(value) && Object.keys(value).length === 0;
}
