// Who set which fields of an object: `metadata.managedFields`. As in the API server, an object is
// followed from when it is created by a client or first applied; until then it has no such list.
// Leaves out: ownership of maps and lists as such ('.' of a map), versions of fields (there is one).

import { isJsonArray, isJsonObject, type JsonObject, type JsonValue, jsonEquals } from '../json.ts';
import { metadataOf } from '../kinds/object.ts';
import type { Fields } from '../kinds/schema.ts';
import { type FieldSet, fieldValue, fromFieldsV1, ownableFields, toFieldsV1 } from './field-set.ts';

/** Who writes, and how. */
export interface Manager {
  /** `fieldManager` of the request: 'kubectl-edit'. */
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource: string;
}

/** One line of managedFields. */
export interface Ownership extends Manager {
  readonly apiVersion: string;
  readonly time: string;
  readonly fields: FieldSet;
}

/** Who writes when nobody says so. */
export const UNKNOWN_MANAGER: Manager = { name: 'unknown', operation: 'Update', subresource: '' };

/** The lines of a document; those that cannot be read are skipped. Null when it has none. */
export function ownershipsOf(document: JsonObject): readonly Ownership[] | null {
  const { managedFields } = metadataOf(document);
  if (!isJsonArray(managedFields)) return null;
  return managedFields.flatMap((entry) => {
    if (!isJsonObject(entry) || typeof entry.manager !== 'string') return [];
    const { apiVersion, fieldsV1, manager, operation, subresource, time } = entry;
    return [
      {
        name: manager,
        operation: operation === 'Apply' ? ('Apply' as const) : ('Update' as const),
        subresource: textOf(subresource),
        apiVersion: textOf(apiVersion),
        time: textOf(time),
        fields: fromFieldsV1(fieldsV1),
      },
    ];
  });
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** The document with these lines; who owns nothing has none. */
export function withOwnerships(document: JsonObject, ownerships: readonly Ownership[]): JsonObject {
  const entries = ownerships
    .filter(({ fields }) => fields.size > 0)
    .map(({ apiVersion, fields, name, operation, subresource, time }) => ({
      apiVersion,
      fieldsType: 'FieldsV1',
      fieldsV1: toFieldsV1(fields),
      manager: name,
      operation,
      ...(subresource === '' ? {} : { subresource }),
      time,
    }));
  const { managedFields: _before, ...metadata } = metadataOf(document);
  const lines: JsonObject = entries.length === 0 ? {} : { managedFields: entries };
  return { ...document, metadata: { ...metadata, ...lines } };
}

/** Whether a line is this manager's. */
export function isBy(ownership: Manager, { name, operation, subresource }: Manager): boolean {
  return (
    ownership.name === name &&
    ownership.operation === operation &&
    ownership.subresource === subresource
  );
}

/** The fields of `set` that are not in `gone`. */
export function without(set: FieldSet, gone: FieldSet): FieldSet {
  return new Map([...set].filter(([key]) => !gone.has(key)));
}

/** The new line of a manager. */
export interface ManagerStamp {
  readonly manager: Manager;
  readonly apiVersion: string;
  readonly time: string;
}

/** An update from one document to another: whoever changes a field owns it from then on, alone. */
export function ownedAfterUpdate(
  before: JsonObject | null,
  after: JsonObject,
  fields: Fields,
  { apiVersion, manager, time }: ManagerStamp,
): JsonObject {
  // Nobody has applied it yet.
  const known = before === null ? [] : (ownershipsOf(after) ?? ownershipsOf(before));
  if (known === null) return after;
  const old = before === null ? new Map() : ownableFields(before, fields);
  const now = ownableFields(after, fields);
  const isChanged = (path: readonly string[]): boolean =>
    before === null || !jsonEquals(fieldValue(before, path), fieldValue(after, path));
  const changed = new Map([...now].filter(([key, path]) => !old.has(key) || isChanged(path)));
  const gone = new Map([...without(old, now), ...changed]);
  const mine = known.find((each) => isBy(each, manager));
  const others = known
    .filter((each) => each !== mine)
    .map((each) => ({ ...each, fields: without(each.fields, gone) }));
  const kept = mine === undefined ? new Map() : without(mine.fields, without(old, now));
  const own: Ownership = {
    ...manager,
    apiVersion,
    time: changed.size > 0 ? time : (mine?.time ?? time),
    fields: new Map([...kept, ...changed]),
  };
  return withOwnerships(after, [...others, own]);
}
